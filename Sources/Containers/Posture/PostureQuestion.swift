// SPDX-License-Identifier: Apache-2.0
import Events

/// What is asked about every container, in the order of the answers. The raw value is its name for people and in JSON.
package enum PostureQuestion: String, Sendable, CaseIterable, Codable {
    case privileged
    case user
    case userNamespace = "user namespace"
    case capabilities
    case namespaces = "host namespaces"
    case mounts = "host paths"
    case devices
    case seccomp
    case noNewPrivileges = "no_new_privs"
    case label = "LSM profile"
    case root = "root file system"
    case limits
    case ports = "published ports"
    case secrets = "secrets in environment"

    /// The answer for people; nil if it is not known.
    package func answer(_ posture: Posture) -> String? {
        switch self {
        case .privileged: posture.isPrivileged.map { $0 ? "yes" : "no" }
        case .user: posture.user.map { $0 == 0 ? "root (0)" : "\($0)" }
        case .userNamespace:
            posture.hasUserNamespace.map { $0 ? "its own" : "the host's" }
        case .capabilities: posture.capabilities.map { $0.isEmpty ? "none" : $0.names.joined(separator: " ") }
        case .namespaces: Self.namespaces(posture)
        case .mounts: posture.mounts.map { Self.list($0.map(Self.mount)) }
        case .devices: Self.devices(posture)
        case .seccomp: posture.hasSeccomp.map { $0 ? "a filter is on" : "off" }
        case .noNewPrivileges: posture.noNewPrivileges.map { $0 ? "on" : "off" }
        case .label: posture.label.map { $0.isEmpty ? "none" : $0 }
        case .root: posture.isRootReadOnly.map { $0 ? "read-only" : "writable" }
        case .limits: posture.limits.map(Self.limits)
        case .ports: posture.ports.map(Self.list)
        case .secrets: posture.secrets.map(Self.list)
        }
    }

    /// Whether a part of the answer is missing, or all of it.
    package func isUnknown(_ posture: Posture) -> Bool {
        switch self {
        case .namespaces: posture.isHostNamespace.count < Posture.Namespace.allCases.count
        case .devices: posture.devices == nil || posture.hasAllDevices == nil
        default: answer(posture) == nil
        }
    }

    /// The first of them, and how many more there are.
    private static func list(_ words: [String]) -> String {
        let shown = words.prefix(24).joined(separator: ", ")
        return words.isEmpty ? "none" : words.count > 24 ? "\(shown) and \(words.count - 24) more" : shown
    }

    private static func mount(_ mount: Posture.Mount) -> String {
        "\(mount.source) at \(mount.destination)\(mount.isReadOnly ? " (read-only)" : "")"
    }

    private static func devices(_ posture: Posture) -> String? {
        if posture.hasAllDevices == true { return "all of the host" }
        return posture.devices.map(list)
    }

    private static func namespaces(_ posture: Posture) -> String? {
        guard !posture.isHostNamespace.isEmpty else { return nil }
        let host = Posture.Namespace.allCases.filter { posture.isHostNamespace[$0] == true }.map(\.rawValue)
        let unknown = Posture.Namespace.allCases.filter { posture.isHostNamespace[$0] == nil }.map(\.rawValue)
        return list(host) + (unknown.isEmpty ? "" : "; not known: " + unknown.joined(separator: ", "))
    }

    private static func limits(_ limits: Posture.Limits) -> String {
        let memory = limits.memory.map { "\($0 / 1_048_576) MiB of memory" } ?? "no memory limit"
        let pids = limits.pids.map { "\($0) processes" } ?? "no process limit"
        let cpus = limits.cpus.map { "\(Self.hundredths($0)) processors" } ?? "no processor limit"
        return [memory, pids, cpus].joined(separator: ", ")
    }

    private static func hundredths(_ value: Double) -> String {
        guard value.isFinite, value >= 0, value < 1e9 else { return "many" }
        let count = Int((value * 100).rounded())
        let rest = count % 100
        return rest == 0 ? "\(count / 100)" : "\(count / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
