// SPDX-License-Identifier: Apache-2.0

extension Array where Element == Double {
    /// The middle value, or the mean of the two in the middle; nil of nothing.
    var median: Double? {
        guard !isEmpty else { return nil }
        let sorted = sorted()
        let middle = count / 2
        return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The value that is as far up the sorted ones as `fraction` (0 to 1) says, the nearest one; nil of nothing.
    func quantile(_ fraction: Double) -> Double? {
        guard !isEmpty else { return nil }
        return sorted()[Int((Double(count - 1) * fraction).rounded())]
    }
}
