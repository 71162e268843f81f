// SPDX-License-Identifier: Apache-2.0

/// What one block measured, brought as JSON from the process of its own that made it in the measured cgroup.
protocol BlockMeasurement: Codable {
    /// The verb of this program that makes one: `VERB CGROUP DESCRIPTOR`.
    static var verb: String { get }

    /// Makes a block in this process, which lives in that cgroup.
    static func measure(cgroup: UInt64) throws(BenchmarkError) -> Self
}
