// SPDX-License-Identifier: Apache-2.0

/// What a behaviour profile is filed under, so that the next instance of the same thing finds it.
package struct ProfileKey: Hashable, Sendable, CustomStringConvertible {
    /// Which rule gave the key, in order of precedence.
    package enum Rule: String, Sendable { case label, kubernetes, compose, machine, image, unit, executable }

    /// Which rule gave the key.
    package let rule: Rule
    /// The key: "shop", "namespace/workload/container", "project/service", "engine/machine", "repository entrypoint", a unit's name or a path.
    package let text: String

    package var description: String { text }

    /// The label of a container that names its profile.
    package static let label = "ringfence.profile"

    /// The key of a container: the first rule that applies. Where nothing else is known its name takes the place of the
    /// executable's path. What an unprivileged user runs is filed apart, under "uid1000/...": no user can widen the profile
    /// of what root runs by giving something the same name.
    package init(_ container: ContainerDescription) {
        let key = Self.key(container)
        self.init(
            rule: key.rule, text: container.owner == 0 ? key.text : "uid\(container.owner)/\(key.text)")
    }

    private static func key(_ container: ContainerDescription) -> ProfileKey {
        if let label = ContainerSettings(container).profile {
            ProfileKey(rule: .label, text: label)
        } else if case .kubernetes(let namespace, let pod, let name)? = container.workload {
            ProfileKey(rule: .kubernetes, text: "\(namespace)/\(workload(ofPod: pod))/\(name)")
        } else if case .compose(let project, let service)? = container.workload {
            ProfileKey(rule: .compose, text: "\(project)/\(service)")
        } else if container.engine == .lxc || container.engine == .nspawn {
            // Machines of one distribution have nothing else in common.
            ProfileKey(rule: .machine, text: "\(container.engine.rawValue)/\(container.name)")
        } else if let image = container.image, !image.isEmpty {
            ProfileKey(
                rule: .image, text: ([repository(ofImage: image)] + container.command.prefix(1)).joined(separator: " "))
        } else if container.engine == .systemd {
            ProfileKey(rule: .unit, text: container.id)
        } else {
            ProfileKey(rule: .executable, text: container.command.first ?? container.name)
        }
    }

    /// The key of a systemd unit.
    package init(unit: String) { self.init(rule: .unit, text: unit) }

    /// The key of a program that was started without container and unit.
    package init(executable path: String) { self.init(rule: .executable, text: path) }

    private init(rule: Rule, text: String) {
        self.rule = rule
        self.text = text
    }

    /// The image reference without tag and digest: "registry:5000/a/b:1@sha256:..." is "registry:5000/a/b".
    static func repository(ofImage image: String) -> String {
        let name = image.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return String(name) }
        return String(name[..<colon])
    }

    /// The alphabet of generated names (`SafeEncodeString` in k8s.io/apimachinery): no vowels, no 0, 1, 3.
    private static let generated = Set("bcdfghjklmnpqrstvwxz2456789")

    /// The pod's name without what a controller appended: ReplicaSet `-HASH-xxxxx`, DaemonSet and Job `-xxxxx`, CronJob
    /// `-MINUTES-xxxxx`, StatefulSet `-N`.
    static func workload(ofPod pod: String) -> String {
        var parts = pod.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last else { return pod }
        if last.count == 5, last.allSatisfy(generated.contains) {
            parts.removeLast()
            if parts.count > 1, let next = parts.last, isHash(next) || isTime(next) { parts.removeLast() }
        } else if !last.isEmpty, last.count <= 5, last.allSatisfy(\.isASCIIDigit) {
            parts.removeLast()
        }
        return parts.joined(separator: "-")
    }

    private static func isHash(_ part: Substring) -> Bool {
        (8...10).contains(part.count) && part.allSatisfy(generated.contains)
    }

    private static func isTime(_ part: Substring) -> Bool {
        (8...10).contains(part.count) && part.allSatisfy(\.isASCIIDigit)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
