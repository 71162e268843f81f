// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import TestSupport
import Testing

@testable import Containers

@Suite("CgroupHierarchy")
struct CgroupHierarchyTests {
    private static let unified = "30 23 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
    private static let legacy = """
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
        39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
        40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd

        """

    @Test("a host with cgroup2 alone, a hybrid host and a v1 host are told apart")
    func detects() throws {
        let pure = try CgroupHierarchy.detect(inMountInfo: Self.unified)
        #expect(pure.kind == .unified && pure.mountPoint == "/sys/fs/cgroup")
        let hybrid = try CgroupHierarchy.detect(
            inMountInfo: Self.legacy + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
        #expect(hybrid.kind == .unified && hybrid.mountPoint == "/sys/fs/cgroup/unified")
        let old = try CgroupHierarchy.detect(inMountInfo: Self.legacy)
        #expect(old.kind == .legacy(controller: "pids") && old.mountPoint == "/sys/fs/cgroup/pids")
        let odd = try CgroupHierarchy.detect(inMountInfo: "1 2 0:3 / /a\\040b rw - cgroup2 none rw\nnonsense - \n")
        #expect(odd.mountPoint == "/a b")
    }

    @Test("a host without cgroups is an error that says what to mount")
    func absent() {
        let error = #expect(throws: ContainerError.self) {
            try CgroupHierarchy.detect(inMountInfo: "27 1 254:0 / / rw - ext4 /dev/vda rw\n")
        }
        #expect(error?.description.contains("mount -t cgroup2") == true)
    }

    @Test("a process's cgroup is read from the line of the tree")
    func table() throws {
        let text = "8:pids:/p\n4:cpu,cpuacct:/c:d\n0::/u\n"
        let unified = try CgroupHierarchy.detect(inMountInfo: Self.unified)
        #expect(unified.cgroup(inTable: text) == "/u")
        #expect(CgroupHierarchy(mountPoint: "/x", kind: .legacy(controller: "cpu")).cgroup(inTable: text) == "/c:d")
        #expect(CgroupHierarchy(mountPoint: "/x", kind: .legacy(controller: "io")).cgroup(inTable: text) == nil)
    }

    @Test("a cgroup that is not there is an error that names it")
    func missing() throws {
        let tree = CgroupHierarchy(mountPoint: "/nowhere", kind: .unified)
        let error = #expect(throws: ContainerError.self) { try tree.id(of: "/web") }
        #expect(error?.description.hasPrefix("cannot read cgroup /web: No such file or directory; ") == true)
    }

    /// The tree of this host and, where a v1 hierarchy is mounted as well, the one a v1-only host would have.
    private static var trees: [CgroupHierarchy] {
        let bytes = (try? FileBytes.read("/proc/self/mountinfo", limit: 1 << 20, followsLink: false)) ?? []
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let legacy = lines.filter { !$0.contains(" - cgroup2 ") }.joined(separator: "\n")
        return [try? CgroupHierarchy.detect(), try? CgroupHierarchy.detect(inMountInfo: legacy)].compactMap { $0 }
    }

    @Test(
        "a cgroup is made, counted, found populated and removed with its children, on v2 and v1",
        .enabled(if: geteuid() == 0, "making cgroups needs root"), arguments: trees)
    func lifecycle(tree: CgroupHierarchy) throws {
        let path = "/ringfence-containers-test-\(getpid())"
        try tree.create(path)
        defer { try? tree.remove(path) }
        try tree.create(path + "/child")
        #expect(try tree.id(of: path) != tree.id(of: path + "/child"))
        #expect(tree.descendants(of: path) == [path, path + "/child"])
        #expect(try !tree.isPopulated(path))
        let sleeper = try Shell.run([
            "sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $! > \(tree.directory(of: path))/child/cgroup.procs; echo $!",
        ])
        let pid = try #require(Int32(sleeper.output.split(separator: "\n").first ?? ""))
        #expect(try tree.isPopulated(path))
        #expect(try tree.processes(in: path + "/child") == [pid])
        #expect(try tree.cgroup(ofProcess: pid) == path + "/child")
        let busy = #expect(throws: ContainerError.self) { try tree.remove(path) }
        #expect(busy?.description.contains("processes are still in it") == true)
        kill(pid, SIGKILL)
        let deadline = ContinuousClock.now + .seconds(10)
        while try tree.isPopulated(path), ContinuousClock.now < deadline { sched_yield() }
        try tree.remove(path)
        #expect(!tree.exists(path))
        try #expect(tree.exists(tree.ownCgroup()))
    }
}
