// SPDX-License-Identifier: Apache-2.0

/// Which executables' files were looked at for where they come from: each until that was found, and so many times at most.
/// For one thread.
struct FileLooks {
    /// Looks at one file that found nothing before nobody looks any more: there are file systems that never tell.
    static let limit = 16

    /// By sub-slot; 0 where there will be no other.
    private var left: [UInt32: Int] = [:]

    /// Whether to look at the file of this sub-slot.
    func isDue(_ sub: UInt32) -> Bool { left[sub] != 0 }

    /// Notes a look, and whether it `found` where the file is from.
    mutating func note(_ sub: UInt32, found: Bool) { left[sub] = found ? 0 : (left[sub] ?? Self.limit) - 1 }

    /// Forgets sub-slots that others will have.
    mutating func forget(_ subs: Set<UInt32>) { left = left.filter { !subs.contains($0.key) } }
}
