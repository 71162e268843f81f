// SPDX-License-Identifier: Apache-2.0
package import CShims
package import Containers
import FoundationEssentials
import Glibc
package import Platform

/// A cgroup of one test, removed with everything below it when the test ends.
package final class TestCgroup {
    package let hierarchy: CgroupHierarchy
    /// As the kernel spells it.
    package let path: String
    package let id: UInt64
    /// Where it is mounted.
    package var directory: String { hierarchy.directory(of: path) }

    /// Makes a cgroup with a name of its own.
    package init() throws {
        hierarchy = try CgroupHierarchy.detect()
        let own = try hierarchy.ownCgroup()
        path = (own == "/" ? "" : own) + "/ringfence-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try hierarchy.create(path)
        id = try hierarchy.id(of: path)
    }

    /// Makes a cgroup below another one.
    package init(below parent: TestCgroup) throws {
        hierarchy = parent.hierarchy
        path = parent.path + "/child-\(UInt32.random(in: 0 ... .max))"
        try hierarchy.create(path)
        id = try hierarchy.id(of: path)
    }

    /// Starts a program in the cgroup.
    package func start(_ words: [String], filter: [rf_bpf_instruction] = []) throws -> ChildProcess {
        var request = ChildProcess.Request(
            arguments: words, environment: ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" })
        request.cgroupProcesses = directory + "/cgroup.procs"
        request.filter = filter
        return try ChildProcess.start(request)
    }

    /// Runs a program in the cgroup to its end.
    @discardableResult
    package func run(_ words: [String], filter: [rf_bpf_instruction] = [], seconds: Double = 60) throws -> Int32 {
        try Shell.end(of: start(words, filter: filter), words, seconds: seconds)
    }

    deinit {
        _ = Shell.eventually(seconds: 60) { (try? hierarchy.remove(path)) != nil }
    }
}
