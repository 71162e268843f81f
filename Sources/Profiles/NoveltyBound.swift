// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The one-sided 95 % Clopper-Pearson bound: the largest chance p for which `novel` or fewer of `epochs` would still be
/// seen in one case of twenty.
enum NoveltyBound {
    private static let error = 0.05

    /// The upper bound of the chance, 0...1; 1 where nothing is known.
    static func upper(novel: Int, epochs: Int) -> Double {
        guard novel >= 0, novel < epochs else { return 1 }
        let logarithm = logBinomial(epochs, novel)
        // Below the share that was seen the chance of so few is above a half, so the bound is not there.
        var low = Double(novel) / Double(epochs)
        var high = 1.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if chance(novel, epochs, middle, logarithm) > error { low = middle } else { high = middle }
        }
        return high
    }

    /// Whether the bound is below `share`: one evaluation instead of a search.
    static func isBelow(_ share: Double, novel: Int, epochs: Int) -> Bool {
        guard novel >= 0, novel < epochs, share > 0, Double(novel) < share * Double(epochs) else { return false }
        return share >= 1 || chance(novel, epochs, share, logBinomial(epochs, novel)) < error
    }

    /// The fewest epochs for which `novel` of them is below `share`; nil if no number up to 2^40 is.
    static func epochsNeeded(novel: Int, share: Double) -> Int? {
        var high = max(1, novel + 1)
        while !isBelow(share, novel: novel, epochs: high) {
            guard high < 1 << 40 else { return nil }
            high *= 2
        }
        var low = high / 2
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if isBelow(share, novel: novel, epochs: middle) { high = middle } else { low = middle }
        }
        return high
    }

    /// The chance of `novel` or fewer in `epochs` at `p`, for p of at least novel / epochs: from there the terms fall, so
    /// the sum goes down from the largest and cannot lose it to underflow.
    private static func chance(_ novel: Int, _ epochs: Int, _ p: Double, _ logBinomial: Double) -> Double {
        guard p < 1 else { return 0 }
        guard p > 0 else { return 1 }
        var term = exp(logBinomial + Double(novel) * log(p) + Double(epochs - novel) * log1p(-p))
        var sum = term
        var index = novel
        while index > 0, term > sum * 1e-17 {
            term *= Double(index) / Double(epochs - index + 1) * (1 - p) / p
            sum += term
            index -= 1
        }
        return min(1, sum)
    }

    private static func logBinomial(_ epochs: Int, _ novel: Int) -> Double {
        guard novel > 0 else { return 0 }
        return (1...novel).reduce(0.0) { $0 + log(Double(epochs - $1 + 1) / Double($1)) }
    }
}
