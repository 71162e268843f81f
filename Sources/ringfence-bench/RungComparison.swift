// SPDX-License-Identifier: Apache-2.0

/// Differences and ratios of rungs over blocks. A difference is taken within a block, so that a machine that is slower
/// for a while is so in both; of the differences the median counts, and a ratio is one of two such medians over
/// the same blocks.
struct RungComparison {
    let blocks: [BlockSamples]

    /// What a rung adds to nothing attached, nanoseconds.
    func added(_ rung: Rung, _ workload: Workload) -> Estimate? {
        Estimate(blocks: blocks.count) { median($0, workload, rung, less: .nothing) }
    }

    /// What ours adds to an empty program, in shares of what the empty one adds to nothing.
    func beyondEmpty(_ rung: Rung, _ workload: Workload) -> Estimate? {
        Estimate(blocks: blocks.count) { draw in
            ratio(median(draw, workload, rung, less: .empty), median(draw, workload, .empty, less: .nothing))
        }
    }

    /// What ours adds to nothing, in shares of what bpftrace adds.
    func ofPeer(_ rung: Rung, _ workload: Workload) -> Estimate? {
        Estimate(blocks: blocks.count) { draw in
            ratio(median(draw, workload, rung, less: .nothing), median(draw, workload, .bpftrace, less: .nothing))
        }
    }

    /// What a run of ours takes longer than one of the empty program by the kernel's statistics, nanoseconds.
    func runBeyond(_ workload: Workload) -> Estimate? {
        Estimate(blocks: blocks.count) { draw in
            draw.compactMap { index in
                guard let ours = blocks[index].run(.learning, workload), let empty = blocks[index].run(.empty, workload)
                else { return nil }
                return ours - empty
            }.median
        }
    }

    private func median(_ draw: [Int], _ workload: Workload, _ rung: Rung, less other: Rung) -> Double? {
        draw.compactMap { index in
            guard let more = blocks[index].cost(rung, workload), let less = blocks[index].cost(other, workload) else {
                return nil
            }
            return more - less
        }.median
    }

    /// A share of nothing, or of less, is none.
    private func ratio(_ part: Double?, _ whole: Double?) -> Double? {
        guard let part, let whole, whole > 0 else { return nil }
        return part / whole
    }
}
