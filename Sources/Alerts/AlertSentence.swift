// SPDX-License-Identifier: Apache-2.0

/// Puts a finding into words.
enum AlertSentence {
    /// What happened, as a sentence without a full stop.
    static func what(_ finding: Finding) -> String {
        let name = finding.item.text
        guard finding.rule.isBehaviour else { return finding.detail ?? finding.rule.title }
        switch finding.item.kind {
        case .call:
            let did = finding.rule == .seccompDenied ? "was refused" : family(finding) ?? "called"
            return "\(who(finding)) \(did) \(call(finding))"
        case .ioOperation: return "\(who(finding)) submitted \(name) through io_uring"
        case .executable: return "\(name) was executed\(by(finding))"
        case .filelessExecutable: return "\(name), which is in no file system, was executed\(by(finding))"
        case .replacedExecutable: return "\(name), whose file was replaced, was executed\(by(finding))"
        case .parent: return "\(finding.item.pair.child) was executed by \(finding.item.pair.parent)\(by(finding))"
        case .credential: return "\(who(finding)) \(CredentialSentence.did(name))"
        case .session: return "\(name) was started from outside\(by(finding))"
        case .peer, .sessionPeer:
            return "\(who(finding)) \(PeerSentence.did(name))" + (finding.address.map { " at \($0)" } ?? "")
        case .migration: return "\(who(finding)) was moved \(name)"
        case .container, .own: return finding.detail ?? "\(finding.rule.title): \(name)"
        }
    }

    /// Why it is unusual, and how sure that is.
    static func why(_ finding: Finding) -> String {
        guard finding.rule.isBehaviour else { return finding.rule.explanation }
        var parts: [String] = []
        if let tier = finding.tier {
            let list = finding.rule == .engineSocket ? "" : "on the never-allow list, tier \(tier)"
            parts.append([list, finding.detail ?? ""].filter { !$0.isEmpty }.joined(separator: ": "))
        }
        if let profile = finding.profile {
            switch profile.state {
            case .learning:
                parts.append("not seen so far, and the profile \(profile.key) is still learning\(evidence(profile))")
            case .ready, .monitoring:
                parts.append("never\(evidence(profile)) of \(profile.key)")
            }
            if let partial = profile.partial { parts.append("the profile is partial: \(partial)") }
        } else {
            parts.append("no profile is there to compare with")
        }
        if finding.tier == nil, let detail = finding.detail { parts.append(detail) }
        return parts.joined(separator: "; ")
    }

    /// " in 3.2 M calls over 6 days and 14 instances", as far as it is known.
    private static func evidence(_ profile: ProfileStanding) -> String {
        let calls = profile.calls > 0 ? " in \(Quantity.of(profile.calls)) call\(profile.calls == 1 ? "" : "s")" : ""
        var over: [String] = []
        if profile.learnedSeconds > 0 { over.append(Quantity.span(seconds: profile.learnedSeconds)) }
        if profile.instances > 0 { over.append(Quantity.counted(profile.instances, "instance")) }
        return calls + (over.isEmpty ? "" : " over " + over.joined(separator: " and "))
    }

    private static func who(_ finding: Finding) -> String {
        guard let process = finding.process else { return "a process" }
        let name = process.executable.isEmpty ? process.comm : process.executable
        return process.tgid == 0 ? name : "\(name) (pid \(process.tgid))"
    }

    private static func by(_ finding: Finding) -> String {
        guard let process = finding.process, process.tgid != 0 else { return "" }
        let parent = process.ancestry.first.map { ", child of \($0.comm)[\($0.pid)]" } ?? ""
        return " (pid \(process.tgid)\(parent))"
    }

    /// What precedes a call that is told for the family of the socket: `socket:AF_PACKET`.
    private static func family(_ finding: Finding) -> String? {
        let parts = finding.item.name.split(separator: ":", maxSplits: 1)
        return parts.count == 2 && parts[0] == "socket" ? "opened a socket of a new family, \(parts[1]):" : nil
    }

    private static func call(_ finding: Finding) -> String {
        let arguments = finding.arguments.map { "0x" + String($0, radix: 16) }.joined(separator: ", ")
        let abi = finding.item.abi.map { " (\($0))" } ?? ""
        let name = family(finding) == nil ? finding.item.name : "socket"
        return name + (finding.arguments.isEmpty ? "" : "(\(arguments))") + abi
    }
}
