// SPDX-License-Identifier: Apache-2.0

/// A value and the interval that 95 of 100 resamples of the blocks agree on (percentile bootstrap).
struct Estimate: Encodable {
    let value: Double
    let low: Double
    let high: Double
    /// Whether there were blocks enough for the interval to mean something: below six, the true median lies outside of
    /// all samples in more than 3 cases of 100.
    let isTellable: Bool

    /// A statistic of blocks that are drawn with repetition, `count` of them; nil where it has no value. The draws are
    /// the same every time, so that the same samples give the same interval.
    init?(blocks count: Int, _ statistic: ([Int]) -> Double?) {
        guard count > 0, let value = statistic(Array(0..<count)) else { return nil }
        var generator = Draws()
        let all = (0..<2000).compactMap { _ in
            statistic((0..<count).map { _ in Int.random(in: 0..<count, using: &generator) })
        }
        self.value = value
        isTellable = count >= 6
        low = all.quantile(0.025) ?? value
        high = all.quantile(0.975) ?? value
    }

    /// The median of samples of which each is a block.
    init?(medianOf samples: [Double]) {
        self.init(blocks: samples.count) { draw in draw.map { samples[$0] }.median }
    }

    /// The mean of samples of which each is a block.
    init?(meanOf samples: [Double]) {
        self.init(blocks: samples.count) { draw in draw.reduce(0) { $0 + samples[$1] } / Double(draw.count) }
    }

    /// What is known as it is, such as a largest value.
    init(exactly value: Double) {
        self.value = value
        isTellable = true
        low = value
        high = value
    }

    /// Value and interval as people read them.
    func text(digits: Int) -> String {
        let ends = "[\(Text.number(low, digits: digits)), \(Text.number(high, digits: digits))]"
        return Text.number(value, digits: digits) + (low < high ? " " + ends : "")
    }
}

/// SplitMix64 from a fixed seed.
private struct Draws: RandomNumberGenerator {
    private var state: UInt64 = 2026

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
