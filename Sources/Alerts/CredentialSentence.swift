// SPDX-License-Identifier: Apache-2.0

/// Says as whom or with what a process ran, from the name that profiles have for it.
enum CredentialSentence {
    /// `uid/0` as "ran as user 0", `session/userns/capability/CAP_CHOWN` as "had CAP_CHOWN in effect, in a user namespace, in
    /// an exec session".
    static func did(_ name: String) -> String {
        var rest = name[...]
        let isOfSession = rest.hasPrefix("session/")
        if isOfSession { rest = rest.dropFirst("session/".count) }
        let isInner = rest.hasPrefix("userns/")
        if isInner { rest = rest.dropFirst("userns/".count) }
        let space = (isInner ? ", in a user namespace" : "") + (isOfSession ? ", in an exec session" : "")
        if rest.hasPrefix("uid/") { return "ran as user \(rest.dropFirst("uid/".count))\(space)" }
        let names = rest.dropFirst("capability/".count).split(separator: ",").joined(separator: ", ")
        return "had \(names) in effect\(space)"
    }
}
