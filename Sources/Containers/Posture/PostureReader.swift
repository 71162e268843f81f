// SPDX-License-Identifier: Apache-2.0
import Platform

/// Reads what containers were given: from the configuration of each one's runtime where it is there, else from its first
/// process.
package struct PostureReader: Sendable {
    private let procfs: String
    private let hierarchy: CgroupHierarchy?
    private let host: NamespaceComparison

    /// A reader for this machine. Without `hierarchy` (tests) the processes of a container are those that its engine names.
    package init(hierarchy: CgroupHierarchy?, procfs: String = "/proc") {
        self.hierarchy = hierarchy
        self.procfs = procfs
        host = NamespaceComparison(procfs: procfs)
    }

    /// Whether a configuration is there. Until a container's program runs, a process says nothing of what it will be left.
    package func hasConfiguration(_ container: ContainerDescription) -> Bool {
        container.bundle.map { FileTree.exists($0 + "/config.json") } ?? false
    }

    /// What is known now. Costs the reading of one file of some 30 kB, or of five small ones.
    package func read(_ container: ContainerDescription) -> Posture {
        var reader = StateReader()
        var posture: Posture
        if let bundle = container.bundle,
            let config = reader.decode(OCIPosture.self, at: bundle + "/config.json", owner: container.owner)
        {
            posture = Posture(config, id: container.id, owner: container.owner, host: host)
            if let word = container.isPrivileged { posture.isPrivileged = word }
        } else if let pid = process(of: container) {
            posture = Posture(process: "\(procfs)/\(pid)", host: host, cgroup: limitsDirectory(container))
        } else {
            posture = Posture(source: .nothing)
            posture.notes.append("it has neither a configuration that can be read nor a process")
        }
        posture.notes += reader.skipped
        posture.ports = container.publishedPorts
        return posture
    }

    /// The first process, if it is the container's still.
    private func process(of container: ContainerDescription) -> Int32? {
        guard let hierarchy else { return container.pid }
        guard let path = container.cgroupPath else { return nil }
        if let pid = container.pid, let own = try? hierarchy.cgroup(ofProcess: pid), HostPath.holds(path, own) {
            return pid
        }
        // A container's processes may be in a cgroup below.
        for directory in [path] + hierarchy.descendants(of: path).prefix(16) {
            if let pid = (try? hierarchy.processes(in: directory))?.min() { return pid }
        }
        return nil
    }

    private func limitsDirectory(_ container: ContainerDescription) -> String? {
        guard let hierarchy, hierarchy.kind == .unified else { return nil }
        return container.cgroupPath.map(hierarchy.directory)
    }
}
