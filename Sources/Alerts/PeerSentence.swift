// SPDX-License-Identifier: Apache-2.0

/// Says what somebody did with a network peer, from the name that profiles have for it.
enum PeerSentence {
    /// `connect/tcp/203.0.113.7:443` as "connected to 203.0.113.7:443 (tcp)".
    static func did(_ name: String) -> String {
        let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.first == "unix" { return "connected to the unix socket \(name.dropFirst("unix/".count))" }
        guard parts.count == 3, let colon = parts[2].lastIndex(of: ":") else { return "used \(name)" }
        let port = parts[2][parts[2].index(after: colon)...]
        switch parts[0] {
        case "connect": return "connected to \(parts[2]) (\(parts[1]))"
        case "send": return "sent to \(parts[2]) (\(parts[1]))"
        default:
            let reach = parts[2][..<colon] == "*" ? "that others can reach" : "on loopback"
            let what = port == "any" ? "a port of the kernel's choice" : "port \(port)"
            return "listens at \(what) \(reach) (\(parts[1]))"
        }
    }
}
