// SPDX-License-Identifier: Apache-2.0
import Control
import Platform

/// Who talks to whom as a graph in the DOT language, for `dot -Tsvg`. Identifiers are numbers of ours, and whatever came from
/// elsewhere stands in quoted labels.
enum NetworkGraph {
    static func text(_ answer: JSONValue) -> String {
        var graph = Graph()
        let containers = answer["containers"]?.elements ?? []
        for container in containers { graph.addContainer(container) }
        for container in containers {
            for peer in container["peers"]?.elements ?? [] { graph.addPeer(peer, of: container) }
        }
        return graph.text
    }

    /// A label in quotes; `lines` are escaped by `HostileText` where they entered. A backslash begins an escape of DOT's own,
    /// as `\N` for the node's name.
    static func quoted(_ lines: [String]) -> String {
        let plain = lines.map { line in
            HostileText.printable(line).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        }
        return "\"" + plain.joined(separator: "\\n") + "\""
    }
}

private struct Graph {
    private var nodes: [String: String] = [:]
    private var lines: [String] = []
    private var edges: [String] = []

    var text: String {
        (["digraph ringfence {", "  rankdir=LR;", "  node [shape=box];"] + lines + edges + ["}"])
            .map { $0 + "\n" }.joined()
    }

    mutating func addContainer(_ container: JSONValue) {
        let listeners = (container["peers"]?.elements ?? []).filter { $0.string("kind") == "listen" }
        let isNew = listeners.contains { $0.flag("isNew") }
        let labels = listeners.map { listener in
            [
                "listens", "\(listener.string("protocol"))", NetworkText.place(listener), NetworkText.mark(listener),
            ].filter { !$0.isEmpty }.joined(separator: " ")
        }
        let name = Self.name(container)
        _ = node(name, [container.string("name")] + container.texts("addresses") + labels, isNew: isNew)
    }

    mutating func addPeer(_ peer: JSONValue, of container: JSONValue) {
        guard peer.string("kind") != "listen", let from = nodes[Self.name(container)] else { return }
        let mark = NetworkText.mark(peer)
        let isNew = mark == "NEW"
        let isUnix = peer.string("kind") == "unix"
        var what = isUnix ? ["unix"] : ["\(peer.string("protocol"))/\(peer.count("port"))"]
        what.append("x\(peer.count("count"))")
        if !mark.isEmpty { what.append(mark) }
        let owners = (peer["containers"]?.elements ?? []).filter { nodes[Self.name($0)] != nil }
        let to: [String]
        if !owners.isEmpty {
            to = owners.compactMap { nodes[Self.name($0)] }
        } else {
            // A path, and an address of loopback, is another thing in each container.
            let isOwn = isUnix || peer.string("address").hasPrefix("127.") || peer.string("address") == "::1"
            let names = (peer["containers"]?.elements ?? []).map { $0.string("name") }
            let lines =
                [peer.string("address")] + names + peer.texts("names") + (peer.flag("isHost") ? ["this host"] : [])
            to = [
                node(
                    "peer \(isOwn ? Self.name(container) : "") \(peer.string("address"))", lines, isNew: false,
                    shape: isUnix ? "note" : "ellipse")
            ]
        }
        let style = (isNew ? ", color=red, fontcolor=red" : "") + (to.count > 1 ? ", style=dashed" : "")
        for target in to {
            edges.append(
                "  \(from) -> \(target) [label=\(NetworkGraph.quoted([what.joined(separator: " ")]))\(style)];")
        }
    }

    private mutating func node(_ name: String, _ labels: [String], isNew: Bool, shape: String? = nil) -> String {
        if let known = nodes[name] { return known }
        let id = "n\(nodes.count)"
        nodes[name] = id
        let more = (shape.map { ", shape=\($0)" } ?? "") + (isNew ? ", color=red" : "")
        lines.append("  \(id) [label=\(NetworkGraph.quoted(labels))\(more)];")
        return id
    }

    private static func name(_ container: JSONValue) -> String {
        "container \(container.string("id")) \(container.string("name"))"
    }
}
