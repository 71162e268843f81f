// SPDX-License-Identifier: Apache-2.0
import Containers
import FoundationEssentials
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

    /// Times a load in a process of its own in the cgroup, nanoseconds an iteration, under a tracer's command line.
    borrowing func time<Load: TimedLoad>(_ load: Load, under prefix: [String]) throws(BenchmarkError) -> Double {
        let text = try output(of: prefix + [Child.ownProgram, Load.verb, load.rawValue])
        guard let nanoseconds = Double(text) else { throw .unavailable("the timed process said '\(text)'") }
        return nanoseconds
    }

    /// Runs one block in a process of its own in the cgroup.
    borrowing func block<Measurement: BlockMeasurement>() throws(BenchmarkError) -> Measurement {
        let text = try output(of: [Child.ownProgram, Measurement.verb, String(id)])
        do { return try JSONDecoder().decode(Measurement.self, from: Data(text.utf8)) } catch {
            throw .unavailable("the block's process said '\(text.prefix(80))'")
        }
    }

    private borrowing func output(of words: [String]) throws(BenchmarkError) -> String {
        let pipe = try OutputPipe()
        let child = try Child(words + [String(pipe.writing)], cgroup: processesFile)
        let text = try pipe.text()
        let status = try child.end()
        guard status == 0 else { throw .unavailable("\(words.joined(separator: " ")) ended with status \(status)") }
        return text
    }

    deinit {
        for _ in 0..<2000 {
            if (try? hierarchy.remove(path)) != nil { return }
            Child.pause()
        }
    }
}
