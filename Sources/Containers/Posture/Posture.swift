// SPDX-License-Identifier: Apache-2.0
package import Events

/// What a container was given: how much stands between it and the host. Nil is "not known", never "safe". All text is
/// escaped and safe to print.
package struct Posture: Equatable, Sendable {
    /// Where it was read.
    package enum Source: String, Sendable, Codable {
        /// The OCI configuration that its runtime was given.
        case configuration
        /// Its first process, in /proc.
        case process
        /// Nothing of it was there any more, or nothing could be read.
        case nothing
    }

    /// The namespaces that can be the host's, by their names in OCI configurations.
    package enum Namespace: String, Sendable, CaseIterable, Codable { case pid, network, ipc, uts, cgroup }

    /// A file or directory of the host in the container.
    package struct Mount: Equatable, Hashable, Sendable {
        /// Where it is on the host, symbolic links followed, without "/var/run" for "/run".
        package var source: String
        /// Where the container has it.
        package var destination: String
        package var isReadOnly: Bool

        package init(source: String, destination: String, isReadOnly: Bool) {
            self.source = source
            self.destination = destination
            self.isReadOnly = isReadOnly
        }
    }

    /// Limits of its own; nil is none.
    package struct Limits: Equatable, Sendable {
        /// Bytes.
        package var memory: UInt64?
        package var pids: UInt64?
        /// Processors.
        package var cpus: Double?

        package init(memory: UInt64? = nil, pids: UInt64? = nil, cpus: Double? = nil) {
            self.memory = memory
            self.pids = pids
            self.cpus = cpus
        }
    }

    /// How many mounts, devices, ports and secrets are kept, of each; where there are more, they are not known.
    package static let listLimit = 1024

    package var source: Source
    /// Whether the engine was asked to take all restrictions away, or has done so in effect.
    package var isPrivileged: Bool?
    /// The user id of its first process, in its own user namespace.
    package var user: UInt32?
    /// Whether its user ids are others than the host's.
    package var hasUserNamespace: Bool?
    /// What its processes can have at most.
    package var capabilities: CapabilitySet?
    /// Which namespaces are the host's; a kind that is missing is not known.
    package var isHostNamespace: [Namespace: Bool] = [:]
    package var mounts: [Mount]?
    /// Paths of devices that it may open, beside those that every container has.
    package var devices: [String]?
    /// Whether it may open every device.
    package var hasAllDevices: Bool?
    /// Whether a filter refuses system calls.
    package var hasSeccomp: Bool?
    package var noNewPrivileges: Bool?
    /// The AppArmor profile or SELinux label that confines it; empty for none.
    package var label: String?
    package var isRootReadOnly: Bool?
    package var limits: Limits?
    /// As "127.0.0.1:8080 -> 80/tcp".
    package var ports: [String]?
    /// Names of environment variables that hold secrets; never a value.
    package var secrets: [String]?
    /// What made something unknown, a sentence each.
    package var notes: [String] = []

    /// Nothing is known yet.
    package init(source: Source) { self.source = source }
}
