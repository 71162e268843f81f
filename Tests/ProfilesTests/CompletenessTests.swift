// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import TestSupport
import Testing

@Suite("Completeness")
struct CompletenessTests {
    private static let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// A profile in which each call was seen in so many of `units` runs.
    private func profile(_ runs: [String: Int], of units: Int, phase: Phase = .workload) -> BehaviourProfile {
        var profile = BehaviourProfile(
            key: "web", architecture: .x86_64, target: ProfileTarget(kind: .command, name: "web"), environments: [],
            window: ProfileWindow(start: Self.start, end: Self.start, runs: units))
        profile.calls["x86_64"] = runs.mapValues { count in
            CallEvidence(phases: [
                phase.name: PhaseEvidence(
                    runs: count, first: Self.start, last: Self.start, executables: ["/bin/web": 1])
            ])
        }
        return profile
    }

    @Test("Chao2's bound and the coverage are what their formulas say")
    func formulas() throws {
        let runs = ["read": 5, "write": 5, "open": 5, "close": 4, "brk": 2, "mmap": 2, "a": 1, "b": 1, "c": 1, "d": 1]
        let known = Completeness(profile(runs, of: 5))
        #expect(known.units == 5 && known.unit == .run && known.seen == 10 && known.twice == 2)
        #expect(known.fragile.map(\.call) == ["a", "b", "c", "d"] && known.incidences == 27)
        #expect(known.fragile.allSatisfy { $0.abi == "x86_64" && $0.executables == ["/bin/web"] })
        // 10 + 4/5 * 4*3 / (2*3)
        #expect(abs(try #require(known.expected) - 11.6) < 1e-9)
        #expect(abs(try #require(known.coverage) - (1 - 4.0 / 27)) < 1e-9)
        #expect(known.expectedNext == 0.8)
    }

    @Test("nothing is estimated from fewer than five runs, or from nothing")
    func refused() {
        let few = Completeness(profile(["read": 1], of: 4))
        #expect(!few.isEstimable && few.expected == nil && few.coverage == nil && few.expectedNext == nil)
        #expect(few.fragile.count == 1)
        let empty = Completeness(profile([:], of: 9))
        #expect(!empty.isEstimable && empty.curve.allSatisfy { $0 == 0 })
        let setup = Completeness(profile(["mount": 1], of: 9, phase: .setup))
        #expect(setup.seen == 0)
    }

    @Test("a learning profile is counted in epochs")
    func epochs() {
        var learned = profile(["read": 40, "write": 1], of: 1)
        learned.learning = ProfileLearning(start: Self.start, epochs: 40)
        let known = Completeness(learned)
        #expect(known.unit == .epoch && known.units == 40 && known.fragile.map(\.call) == ["write"])
        #expect(known.isEstimable)
    }

    @Test("the curve is the mean over every choice of runs", arguments: 1...12)
    func curve(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let names = SyscallTable.table(.native, on: .x86_64).entries.map(\.name).prefix(20)
        let matrix = (0..<6).map { _ in Set(names.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }) }
        var sources: [RunMerge.Source] = []
        for (index, calls) in matrix.enumerated() {
            var run = profile(Dictionary(uniqueKeysWithValues: calls.map { ($0, 1) }), of: 1)
            run.target.command = ["run", String(index)]
            sources.append(.init(name: "\(index)", profile: run))
        }
        let known = Completeness(try RunMerge.merge(sources).profile)
        #expect(known.units == 6 && known.curve.count == 6)
        for size in 1...6 {
            let choices = (1..<64).filter { $0.nonzeroBitCount == size }
            let total = choices.reduce(0) { sum, choice in
                sum
                    + (0..<6).filter { choice >> $0 & 1 == 1 }.reduce(into: Set<String>()) { $0.formUnion(matrix[$1]) }
                    .count
            }
            #expect(abs(known.curve[size - 1] - Double(total) / Double(choices.count)) < 1e-9, "\(size)")
        }
        #expect(zip(known.curve, known.curve.dropFirst()).allSatisfy { $0 <= $1 + 1e-9 })
    }

    @Test("the bound is never below what was seen, nor the coverage outside of 0 to 1", arguments: 1...40)
    func bounds(_ seed: UInt64) throws {
        var random = RandomProfile(seed: seed)
        let known = Completeness(random.profile())
        if let expected = known.expected { #expect(expected >= Double(known.seen)) }
        if let coverage = known.coverage { #expect((0...1).contains(coverage)) }
        #expect(abs((known.curve.last ?? 0) - Double(known.seen)) < 1e-6)
    }
}
