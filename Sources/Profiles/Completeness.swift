// SPDX-License-Identifier: Apache-2.0
import Events

/// How much of what a program does its profile has seen: an estimate over sampling units, which are runs (or epochs of
/// learning), never events. Events of one run depend on each other, and would make any estimate look good.
package struct Completeness: Equatable, Sendable {
    /// A call that was seen in one unit alone: a run without it would have looked just the same.
    package struct Fragile: Equatable, Sendable {
        package let abi: String
        package let call: String
        /// The executables that made it, sorted.
        package let executables: [String]
    }

    /// What the units are.
    package enum Unit: String, Sendable { case run, epoch }

    /// The fewest units that say anything about what is missing.
    package static let leastUnits = 5

    package let unit: Unit
    /// Units (m).
    package let units: Int
    /// Calls seen (S): a name in one ABI.
    package let seen: Int
    /// Calls seen in exactly one unit (Q1), by ABI and name.
    package let fragile: [Fragile]
    /// How many were seen in exactly two (Q2).
    package let twice: Int
    /// Sightings: for each call the units that it was seen in, added up.
    package let incidences: Int
    /// How many calls were seen in exactly so many units, from 1 to `units`.
    private let frequencies: [Int]

    /// The completeness of what the application itself did, exec sessions included; set-up is the runtime's.
    package init(_ profile: BehaviourProfile) {
        let epochs = profile.learning?.epochs ?? 0
        unit = epochs > 0 ? .epoch : .run
        let units = max(1, epochs > 0 ? epochs : profile.window.runs)
        var frequencies = [Int](repeating: 0, count: units)
        var fragile: [Fragile] = []
        let phases = [Phase.workload, .sessionWorkload].map(\.name)
        for (abi, calls) in profile.calls.sorted(by: { $0.key < $1.key }) {
            for (call, evidence) in calls.sorted(by: { $0.key < $1.key }) {
                let uses = phases.compactMap { evidence.phases[$0] }
                guard let most = uses.map(\.runs).max() else { continue }
                let count = min(max(1, most), units)
                frequencies[count - 1] += 1
                guard count == 1 else { continue }
                fragile.append(
                    Fragile(abi: abi, call: call, executables: Set(uses.flatMap(\.executables.keys)).sorted()))
            }
        }
        self.units = units
        self.fragile = fragile
        self.frequencies = frequencies
        seen = frequencies.reduce(0, +)
        twice = units > 1 ? frequencies[1] : 0
        incidences = frequencies.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
    }

    /// Whether there are units enough for an estimate.
    package var isEstimable: Bool { units >= Self.leastUnits && seen > 0 }

    /// The least number of calls that the program is expected to make at all, seen ones included: Chao2 in its
    /// bias-corrected form, S + (m-1)/m * Q1(Q1-1) / (2(Q2+1)). Nil without units enough.
    package var expected: Double? {
        guard isEstimable else { return nil }
        let (m, once, two) = (Double(units), Double(fragile.count), Double(twice))
        return Double(seen) + (m - 1) / m * once * (once - 1) / (2 * (two + 1))
    }

    /// The share of the sightings of another unit that would be of known calls, 0...1: 1 - Q1 / incidences. Nil without
    /// units enough.
    package var coverage: Double? {
        guard isEstimable, incidences > 0 else { return nil }
        return 1 - Double(fragile.count) / Double(incidences)
    }

    /// How many new calls the next unit is expected to bring: Q1 / m. Nil without units enough.
    package var expectedNext: Double? { isEstimable ? Double(fragile.count) / Double(units) : nil }

    /// How many calls so many units, taken at random from all, show on average; from 1 to `units`. Exact: the mean over
    /// every choice, so it does not depend on the order of the runs.
    package var curve: [Double] {
        (1...units).map { count in
            // A call of f units is in none of `count` with the chance C(m-f, count) / C(m, count).
            frequencies.enumerated().reduce(0.0) { sum, entry in
                guard entry.element > 0 else { return sum }
                let frequency = entry.offset + 1
                var missed = 1.0
                for step in 0..<frequency { missed *= max(0, Double(units - count - step)) / Double(units - step) }
                return sum + Double(entry.element) * (1 - missed)
            }
        }
    }
}
