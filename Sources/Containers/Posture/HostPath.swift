// SPDX-License-Identifier: Apache-2.0

/// Paths of the host that containers are given.
enum HostPath {
    /// The names of engines' sockets, wherever they lie.
    private static let sockets: Set<Substring> = [
        "docker.sock", "containerd.sock", "podman.sock", "crio.sock", "dockershim.sock", "cri-dockerd.sock",
        "buildkitd.sock",
    ]

    /// Without repeated, leading "." and last slashes, "." and "..", and with "/run" for "/var/run".
    static func normal(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        if parts.starts(with: ["var", "run"]) { parts.removeFirst() }
        return "/" + parts.joined(separator: "/")
    }

    /// Whether it is the socket of an engine, by its name.
    static func isEngineSocket(_ path: String) -> Bool {
        path.split(separator: "/").last.map(sockets.contains) ?? false
    }

    /// Whether `outer` is `inner` or holds it. Both are normal.
    static func holds(_ outer: String, _ inner: String) -> Bool {
        outer == "/" || inner == outer || inner.hasPrefix(outer + "/")
    }
}
