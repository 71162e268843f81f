// SPDX-License-Identifier: Apache-2.0

/// Programs that only ask a container engine to do something: recording them records the asking.
enum EngineClient {
    private static let names: Set<String> = [
        "docker", "podman", "nerdctl", "ctr", "crictl", "kubectl", "docker-compose", "podman-compose", "runc", "crun",
    ]

    /// What to say when a command is one of them, or nil.
    static func warning(_ command: [String]) -> String? {
        guard let name = command.first?.split(separator: "/").last.map(String.init), names.contains(name) else {
            return nil
        }
        return "\(name) is a container engine's client: this records the client, not the container; "
            + "to record the container: ringfence record --container NAME -- \(name) ..."
    }
}
