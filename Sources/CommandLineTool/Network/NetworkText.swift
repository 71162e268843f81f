// SPDX-License-Identifier: Apache-2.0
import Control

/// Who talks to whom, for people: a heading a container, and a line a peer.
enum NetworkText {
    static func lines(_ answer: JSONValue) -> [String] {
        let network = answer["network"] ?? .null
        guard network.flag("isWatched") else {
            return ["network addresses are not watched" + (network["reason"]?.text.map { ": \($0)" } ?? "")]
        }
        let containers = answer["containers"]?.elements ?? []
        guard !containers.isEmpty else { return ["nothing is watched: no container runs"] }
        return Array(containers.map(section).joined(separator: [""]))
            + network.texts("missing").map { "not seen: \($0)" }
    }

    private static func section(_ container: JSONValue) -> [String] {
        let addresses = container.texts("addresses")
        let heading =
            "\(container.string("name")) (\(container.string("engine")), profile \(container.string("key")), "
            + container.string("state") + ")" + (addresses.isEmpty ? "" : " at " + addresses.joined(separator: ", "))
        let peers = container["peers"]?.elements ?? []
        let lost = container.count("lost")
        let losses = lost > 0 ? ["  \(NumberText.counted(Int(lost), "contact")) found no room and are not known"] : []
        guard !peers.isEmpty else { return [heading, "  talks to nobody"] + losses }
        var table = TextTable(.left, .left, .left, .left, .right, .left, .left, .left, .left)
        table.add("", "WHAT", "PEER", "WHO", "COUNT", "OUTCOME", "FIRST", "LAST", "BY")
        for peer in peers {
            table.add(
                mark(peer), what(peer), place(peer), who(peer), "\(peer.count("count"))", outcome(peer),
                time(peer, "first"), time(peer, "last"), dash(peer.texts("executables").joined(separator: ", ")))
        }
        return [heading] + table.lines() + losses
    }

    /// What is not in the learned profile.
    static func mark(_ peer: JSONValue) -> String {
        switch peer.string("standing") {
        case "new": "NEW"
        case "held": "HELD"
        case "session": "session"
        default: ""
        }
    }

    private static func what(_ peer: JSONValue) -> String {
        switch peer.string("kind") {
        case "connect": "connects \(peer.string("protocol"))"
        case "send": "sends \(peer.string("protocol"))"
        case "listen": "listens \(peer.string("protocol"))"
        default: "connects unix"
        }
    }

    /// Where the peer is, with its port.
    static func place(_ peer: JSONValue) -> String {
        let address = peer.string("address")
        switch peer.string("kind") {
        case "unix": return address
        case "listen": return "\(address):" + (peer.count("port") == 0 ? "any" : "\(peer.count("port"))")
        default: return (address.contains(":") ? "[\(address)]" : address) + ":\(peer.count("port"))"
        }
    }

    private static func who(_ peer: JSONValue) -> String {
        let names = (peer["containers"]?.elements ?? []).map { $0.string("name") }
        if !names.isEmpty { return names.joined(separator: " or ") }
        let hosts = peer.texts("names")
        if !hosts.isEmpty { return hosts.joined(separator: " or ") }
        return peer.flag("isHost") ? "this host" : dash(peer.string("remark"))
    }

    private static func outcome(_ peer: JSONValue) -> String {
        let words = [
            ("accepted", "accepted"), ("established", "established"), ("refused", "refused"),
            ("timedOut", "timed out"), ("failed", "failed"),
        ]
        return dash(
            words.filter { peer.count($0.0) > 0 }.map { "\(peer.count($0.0)) \($0.1)" }.joined(separator: ", "))
    }

    private static func time(_ peer: JSONValue, _ key: String) -> String { String(peer.string(key).prefix(19)) }

    private static func dash(_ text: String) -> String { text.isEmpty ? "-" : text }
}
