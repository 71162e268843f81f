// SPDX-License-Identifier: Apache-2.0
import Events

/// How much harm a container could do, from 0 to 100, and what that is made of.
package struct RiskScore: Equatable, Sendable, Codable {
    /// One thing that counts.
    package struct Part: Equatable, Sendable, Codable {
        package let points: Int
        /// The item of the file of weights that applied.
        package let item: String
        /// What was found, in a few words; escaped.
        package let what: String
        /// Why it counts; escaped.
        package let meaning: String
        /// Whether it says that something is not known.
        package var isUnknown: Bool { item == "unknown" }
    }

    /// A call of the never-allow list that a profile's workload has made.
    package struct LearnedCall: Equatable, Sendable {
        package let name: String
        /// 0 or 1.
        package let tier: Int

        package init(name: String, tier: Int) {
            self.name = name
            self.tier = tier
        }
    }

    /// The sum of the parts, 100 at most.
    package let score: Int
    /// Those with the most points first.
    package let parts: [Part]

    /// The score of a container. `calls` is what its profile has learned; nil where no profile is known, which adds nothing
    /// and is said elsewhere.
    package init(_ posture: Posture, calls: [LearnedCall]? = nil, weights: RiskWeights = .standard) {
        var parts: [Part] = []
        func add(_ item: String, _ what: String, half: Bool = false) {
            guard let entry = weights[item] else { return }
            parts.append(
                Part(
                    points: half ? (entry.points + 1) / 2 : entry.points, item: item, what: what,
                    meaning: entry.meaning))
        }
        if posture.isPrivileged == true { add("privileged", "privileged") }
        Self.addUser(posture, add)
        for name in posture.capabilities?.names ?? [] { add("capability:\(name)", "granted \(name)") }
        for kind in Posture.Namespace.allCases where posture.isHostNamespace[kind] == true {
            add("host-namespace:\(kind.rawValue)", "the host's \(kind.rawValue) namespace")
        }
        for mount in posture.mounts ?? [] { Self.addMount(mount, weights, add) }
        if posture.hasAllDevices == true {
            add("all-devices", "every device of the host")
        } else if let devices = posture.devices, !devices.isEmpty {
            add("device", "devices: \(Self.some(devices))")
        }
        Self.addConfinement(posture, add)
        Self.addOpenings(posture, add)
        for call in calls ?? [] where call.tier <= 1 {
            add("tier-\(call.tier)-call", "the learned call \(call.name)")
        }
        for question in PostureQuestion.allCases where question.isUnknown(posture) {
            add("unknown", "not known: \(question.rawValue)")
        }
        self.parts = parts.enumerated().sorted {
            ($1.element.points, $0.offset) < ($0.element.points, $1.offset)
        }.map(\.element)
        score = min(100, parts.reduce(0) { $0 + $1.points })
    }

    /// The gravest findings in a few words for an alert, and what is not known: texts of at most 160 bytes.
    package var headlines: [String] {
        let grave = parts.filter { !$0.isUnknown && $0.points >= 5 && !$0.item.hasSuffix("-call") }
        var lines = grave.prefix(8).map { String($0.what.prefix(120)) }
        if grave.count > 8 { lines.append("and \(grave.count - 8) more") }
        let unknown = parts.filter(\.isUnknown).map { String($0.what.dropFirst("not known: ".count)) }
        if unknown.count > 3 {
            lines.append("not known: \(unknown.prefix(3).joined(separator: ", ")) and \(unknown.count - 3) more")
        } else if !unknown.isEmpty {
            lines.append("not known: \(unknown.joined(separator: ", "))")
        }
        return lines
    }

    private typealias Adding = (_ item: String, _ what: String, _ half: Bool) -> Void

    private static func addUser(_ posture: Posture, _ add: Adding) {
        if posture.user == 0, posture.hasUserNamespace == false { add("root-user", "root user", false) }
        if posture.hasUserNamespace == false { add("no-user-namespace", "no user namespace", false) }
    }

    private static func addMount(_ mount: Posture.Mount, _ weights: RiskWeights, _ add: Adding) {
        if HostPath.isEngineSocket(mount.source) {
            return add("engine-socket", "engine socket mounted: \(mount.source)", false)
        }
        let fitting = weights.hostFiles.filter { file in
            HostPath.holds(mount.source, file.path) || file.holdsMore && HostPath.holds(file.path, mount.source)
        }
        guard let worst = fitting.max(by: { $0.entry.points < $1.entry.points }) else { return }
        let mode = mount.isReadOnly ? " (read-only)" : ""
        add(worst.entry.item, "host path mounted: \(mount.source)\(mode)", mount.isReadOnly)
    }

    private static func addConfinement(_ posture: Posture, _ add: Adding) {
        if posture.hasSeccomp == false { add("no-seccomp", "no seccomp filter", false) }
        if posture.noNewPrivileges == false { add("new-privileges", "no_new_privs is off", false) }
        if posture.label == "" { add("no-lsm", "no LSM profile", false) }
        if posture.isRootReadOnly == false { add("writable-root", "writable root file system", false) }
        guard let limits = posture.limits else { return }
        if limits.memory == nil { add("no-memory-limit", "no memory limit", false) }
        if limits.pids == nil { add("no-pids-limit", "no process limit", false) }
        if limits.cpus == nil { add("no-cpu-limit", "no processor limit", false) }
    }

    private static func addOpenings(_ posture: Posture, _ add: Adding) {
        let open = (posture.ports ?? []).filter { !PublishedPort.isLocal($0) }
        if !open.isEmpty { add("published-port", "published: \(some(open))", false) }
        if let secrets = posture.secrets, !secrets.isEmpty {
            add("secret-in-environment", "secrets in environment: \(some(secrets))", false)
        }
    }

    private static func some(_ words: [String]) -> String {
        words.prefix(6).joined(separator: ", ") + (words.count > 6 ? " and \(words.count - 6) more" : "")
    }
}
