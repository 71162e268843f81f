// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform

/// Ports of the host that lead into a container, as engines write them down.
enum PublishedPort {
    /// Docker's, of one port of the container.
    struct Binding: Decodable {
        let HostIp: String?
        let HostPort: String?
    }

    /// Podman's, `newPortMappings`.
    struct Mapping: Decodable {
        let host_ip: String?
        let container_port: UInt16?
        let host_port: UInt16?
        let range: UInt16?
        let `protocol`: String?
    }

    /// nerdctl's, in the label `nerdctl/ports`.
    private struct NerdctlPort: Decodable {
        let HostPort: UInt16?
        let ContainerPort: UInt16?
        let `Protocol`: String?
        let HostIP: String?
    }

    /// Docker's `PortBindings`, by "80/tcp".
    static func texts(_ bindings: [String: [Binding]?]) -> [String]? {
        bounded(
            bindings.flatMap { port, all in
                (all ?? []).map { text($0.HostIp, $0.HostPort.flatMap { $0.isEmpty ? nil : $0 } ?? "any", port) }
            })
    }

    /// Podman's.
    static func texts(_ mappings: [Mapping]) -> [String]? {
        bounded(
            mappings.map { mapping in
                func span(_ port: UInt16?) -> String {
                    let first = UInt32(port ?? 0)
                    let count = UInt32(mapping.range ?? 1)
                    return count > 1 ? "\(first)-\(first + count - 1)" : "\(first)"
                }
                return text(
                    mapping.host_ip, span(mapping.host_port),
                    "\(span(mapping.container_port))/\(mapping.protocol ?? "tcp")")
            })
    }

    /// nerdctl's label; no label is no port.
    static func texts(nerdctl label: String?) -> [String]? {
        guard let label else { return [] }
        guard let all = try? JSONDecoder().decode([NerdctlPort].self, from: Data(label.utf8)) else { return nil }
        return bounded(
            all.map { text($0.HostIP, "\($0.HostPort ?? 0)", "\($0.ContainerPort ?? 0)/\($0.Protocol ?? "tcp")") })
    }

    /// Whether only this machine can reach it.
    static func isLocal(_ text: String) -> Bool { text.hasPrefix("127.") || text.hasPrefix("[::1]") }

    private static func text(_ address: String?, _ port: String, _ inner: String) -> String {
        let address = address ?? ""
        let shown = address.isEmpty ? "*" : address.contains(":") ? "[\(address)]" : address
        return HostileText.escaped("\(shown):\(port) -> \(inner)".utf8.prefix(256))
    }

    private static func bounded(_ all: [String]) -> [String]? {
        all.count <= Posture.listLimit ? Set(all).sorted() : nil
    }
}
