// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc

/// What was measured; a part that was not asked for is nil.
struct Report: Encodable {
    var ladder: LadderResult?
    var network: NetworkBenchmark?
    var start: StartResult?
    var build: BuildResult?
    var hotpath: HotPathResult?
    var exec: ExecutionResult?
    var daemon: DaemonBenchmark?
    var seccomp: FilterCostResult?

    /// The tables.
    var text: String {
        let parts = [
            ladder?.lines, network?.lines, start?.lines, build?.lines, hotpath?.lines, exec?.lines, daemon?.lines,
            seccomp?.lines,
        ].compactMap { $0 }
        return parts.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    /// The same and each sample, sorted keys.
    func json() throws(BenchmarkError) -> String { try Self.json(of: self, isPretty: true) + "\n" }

    /// Any result as JSON with sorted keys.
    static func json(of result: some Encodable, isPretty: Bool) throws(BenchmarkError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        do { return String(decoding: try encoder.encode(result), as: UTF8.self) } catch {
            throw BenchmarkError(exitCode: 70, description: "a result is not a number")
        }
    }
}
