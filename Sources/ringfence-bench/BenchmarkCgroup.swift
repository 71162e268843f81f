// SPDX-License-Identifier: Apache-2.0
import Containers
import Glibc

/// The cgroup that the timed processes run in, removed when the value dies.
struct BenchmarkCgroup: ~Copyable {
    private let hierarchy: CgroupHierarchy
    private let path: String
    let id: UInt64
    var processesFile: String { hierarchy.directory(of: path) + "/cgroup.procs" }

    init() throws(BenchmarkError) {
        do {
            let hierarchy = try CgroupHierarchy.detect()
            let own = try hierarchy.ownCgroup()
            let path = (own == "/" ? "" : own) + "/ringfence-bench-\(getpid())"
            try hierarchy.create(path)
            self.init(hierarchy: hierarchy, path: path, id: try hierarchy.id(of: path))
        } catch { throw .unavailable("\(error)") }
    }

    private init(hierarchy: CgroupHierarchy, path: String, id: UInt64) {
        self.hierarchy = hierarchy
        self.path = path
        self.id = id
    }

    /// Times a workload in a process of its own in the cgroup, nanoseconds an iteration; `prefix` is the tracer's
    /// command line, if there is one.
    borrowing func time(_ workload: Workload, under prefix: [String] = []) throws(BenchmarkError) -> Double {
        let pipe = try OutputPipe()
        let count = workload.iterations(traced: !prefix.isEmpty)
        let words = prefix + [Child.ownProgram, "loop", workload.rawValue, String(count), String(pipe.writing)]
        let child = try Child(words, cgroup: processesFile)
        let text = try pipe.text()
        let status = try child.end()
        guard status == 0, let nanoseconds = Double(text) else {
            throw .unavailable("the timed process ended with status \(status) and said '\(text)'")
        }
        return nanoseconds
    }

    deinit {
        for _ in 0..<2000 {
            if (try? hierarchy.remove(path)) != nil { return }
            Child.pause()
        }
    }
}
