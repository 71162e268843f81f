// SPDX-License-Identifier: Apache-2.0

/// What an OCI bundle's `config.json` says of what a container may do: config.md and config-linux.md of the runtime
/// specification. What is missing is nil, and means what the specification says only where the part around it is there.
struct OCIPosture: Decodable {
    struct User: Decodable { let uid: UInt32? }
    struct Capabilities: Decodable {
        let bounding: [String]?
        let effective: [String]?
        let permitted: [String]?
        let ambient: [String]?
    }
    struct Process: Decodable {
        let user: User?
        let env: [String]?
        let capabilities: Capabilities?
        let noNewPrivileges: Bool?
        let apparmorProfile: String?
        let selinuxLabel: String?
    }
    struct Root: Decodable { let readonly: Bool? }
    struct Mount: Decodable {
        let destination: String?
        let type: String?
        let source: String?
        let options: [String]?
    }
    struct Namespace: Decodable {
        let type: String?
        let path: String?
    }
    struct Device: Decodable { let path: String? }
    struct DeviceRule: Decodable {
        let allow: Bool?
        let type: String?
        let major: Int64?
        let minor: Int64?
    }
    struct Memory: Decodable { let limit: Int64? }
    struct Pids: Decodable { let limit: Int64? }
    struct Processors: Decodable {
        let quota: Int64?
        let period: UInt64?
    }
    struct Resources: Decodable {
        let devices: [DeviceRule]?
        let memory: Memory?
        let pids: Pids?
        let cpu: Processors?
    }
    struct SeccompRule: Decodable { let action: String? }
    struct Seccomp: Decodable {
        let defaultAction: String?
        let syscalls: [SeccompRule]?
    }
    struct Linux: Decodable {
        let namespaces: [Namespace]?
        let devices: [Device]?
        let resources: Resources?
        let seccomp: Seccomp?
        let maskedPaths: [String]?
    }
    let process: Process?
    let root: Root?
    let mounts: [Mount]?
    let annotations: [String: String]?
    let linux: Linux?
}

extension OCIPosture.Seccomp {
    /// Whether it refuses anything: a filter that allows every call is none.
    var refusesSomething: Bool {
        let allowing: Set<String?> = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG"]
        return !allowing.contains(defaultAction) || (syscalls ?? []).contains { !allowing.contains($0.action) }
    }
}

extension OCIPosture.Resources {
    /// Whether the last rule about every device allows them.
    var allowsAllDevices: Bool {
        (devices ?? []).last { rule in
            (rule.type ?? "a") == "a" && (rule.major ?? -1) < 0 && (rule.minor ?? -1) < 0
        }?.allow ?? false
    }

    /// The limits, without those that are none: -1 and 0.
    var limits: Posture.Limits {
        func limit(_ value: Int64?) -> UInt64? { value.flatMap { $0 > 0 ? UInt64($0) : nil } }
        let period = cpu?.period.flatMap { $0 > 0 ? $0 : nil } ?? 100_000
        return Posture.Limits(
            memory: limit(memory?.limit), pids: limit(pids?.limit),
            cpus: limit(cpu?.quota).map { Double($0) / Double(period) })
    }
}
