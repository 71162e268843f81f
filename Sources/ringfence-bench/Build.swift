// SPDX-License-Identifier: Apache-2.0
import CBench
import Glibc

/// Measures a build full of short processes, plain and recorded in turn.
enum Build {
    /// Enough for some seconds: starting a recording takes a fixed 0.2 s, which `start` measures by itself.
    private static let files = 400

    static func measure(ringfence: String, pairs: Int) throws(BenchmarkError) -> BuildResult {
        let scratch = try Scratch()
        let command: [String]
        let workload: String
        if Child.isInstalled("gcc"), Child.isInstalled("make") {
            try writeSources(scratch)
            command = ["make", "-B", "-s", "-j2", "-C", scratch.path]
            workload = "make -j2 of \(files) C files"
        } else {
            command = ["sh", "-c", "i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i + 1)); done"]
            workload = "2,000 forks and execs of a shell"
        }
        let record = [ringfence, "record", "--quiet", "-o", scratch.path + "/profile.json", "--"]
        var plain: [Double] = []
        var recorded: [Double] = []
        _ = try seconds(command)
        for _ in 0..<pairs {
            plain.append(try seconds(command))
            recorded.append(try seconds(record + command))
        }
        return BuildResult(workload: workload, plain: plain, recorded: recorded)
    }

    private static func writeSources(_ scratch: borrowing Scratch) throws(BenchmarkError) {
        for file in 0..<files {
            try scratch.write(
                "#include <stdio.h>\nint f\(file)(int x) { return printf(\"%d\", x + \(file)); }\n", to: "f\(file).c")
        }
        let objects = (0..<files).map { "f\($0).o" }.joined(separator: " ")
        try scratch.write("all: \(objects)\n%.o: %.c\n\tgcc -O1 -c $< -o $@\n", to: "Makefile")
    }

    private static func seconds(_ words: [String]) throws(BenchmarkError) -> Double {
        let start = rf_bench_now()
        let status = try Child(words).end()
        guard status == 0 else { throw .unavailable("\(words.joined(separator: " ")) ended with status \(status)") }
        return Double(rf_bench_now() - start) / 1e9
    }
}
