// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Testing

@testable import CommandLineTool

@Suite("What seccomp complete prints")
struct CompletenessReportTests {
    private func report(_ runs: [String: Int], of units: Int) -> CompletenessReport {
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        var profile = BehaviourProfile(
            key: "web", architecture: .x86_64, target: ProfileTarget(kind: .command, name: "web"), environments: [],
            window: ProfileWindow(start: start, end: start, runs: units))
        profile.calls["x86_64"] = runs.mapValues {
            CallEvidence(phases: [
                "workload": PhaseEvidence(runs: $0, first: start, last: start, executables: ["/bin/web": 1])
            ])
        }
        return CompletenessReport(Completeness(profile), name: "web.json")
    }

    @Test("a report has the estimate, the fragile calls and the curve")
    func golden() {
        let lines = report(["read": 5, "write": 5, "brk": 2, "mount": 1, "setns": 1], of: 5).lines(columns: 44)
        #expect(
            lines == [
                "web.json: 5 calls seen in 5 runs", "there are at least 5.4 calls (Chao2)",
                "coverage: 85.7 % of what another run does is known", "another run is expected to bring 0.4 new calls",
                "2 fragile calls, seen in one run alone:", "  mount (x86_64), by /bin/web",
                "  setns (x86_64), by /bin/web", "calls known after so many runs, on average:",
            ] + Array(lines.dropFirst(8)))
        let plot = lines.dropFirst(8)
        #expect(plot.count == 12 && plot.allSatisfy { $0.count <= 44 })
        #expect(plot.first?.contains("- - -") == true && plot.dropFirst().contains { $0.hasSuffix("*") })
        #expect(plot.last?.split(separator: " ") == ["1", "5"])
    }

    @Test("with few runs there is no estimate, and what to do is said")
    func few() {
        let lines = report(["read": 1], of: 2).lines(columns: 80)
        #expect(lines.contains { $0.hasPrefix("no estimate: that takes 5 runs") } && lines.count == 4)
        #expect(report([:], of: 7).lines(columns: 80).contains { $0.contains("nothing can be estimated") })
        #expect(report(["read": 1], of: 1).lines(columns: 80).count == 2)
    }

    @Test("the curve rises from left to right, whatever its width and values", arguments: [8, 20, 44, 100, 500])
    func plot(_ columns: Int) {
        for values in [[1.0], [3, 3, 3], [1, 50, 70, 75], (1...300).map { Double($0).squareRoot() * 9 }] {
            for limit in [nil, (values.last ?? 0) * 1.5] {
                let lines = CurvePlot.lines(values, limit: limit, columns: columns, rows: 8)
                #expect(lines.count == 10)
                // Each column's star is no lower than that of the column before.
                let rows = lines.prefix(8).map(Array.init)
                var last = 8
                for column in 0..<(rows.map(\.count).max() ?? 0) {
                    guard let row = rows.firstIndex(where: { $0.indices.contains(column) && $0[column] == "*" }) else {
                        continue
                    }
                    #expect(row <= last)
                    last = row
                }
                #expect(last < 8)
            }
        }
    }

    @Test("names are wrapped, and long lists are cut with their count")
    func names() {
        let names = (1...40).map { "call_\($0)" }
        let lines = WrappedNames.lines("  - ", names, limit: 5)
        #expect(lines == ["  - call_1 call_2 call_3 call_4 call_5 and 35 more (--all)"])
        let all = WrappedNames.lines("  - ", names, limit: nil)
        #expect(all.count > 1 && all.allSatisfy { $0.count <= 100 } && all.last?.hasSuffix("call_40") == true)
        #expect(WrappedNames.lines("x", [], limit: nil) == [])
    }
}
