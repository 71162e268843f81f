// SPDX-License-Identifier: Apache-2.0
package import CEvents
import Synchronization

/// A view of the array of policies that the kernel programs test. The array is mapped memory that somebody else owns
/// and that must outlive every copy of the view. A policy is named as in `rf_slot.policy`: index + 1, and 0 for none.
///
/// Any thread may read. One thread at a time writes, and only at an index that no slot has and that no record still in
/// a ring names.
@safe package struct PolicyTables: @unchecked Sendable {
    /// Bytes from one element to the next: the kernel rounds up to 8, and `rf_policy` is a multiple of 8.
    package static var stride: Int { MemoryLayout<rf_policy>.size }

    private let base: UnsafeMutableRawPointer
    /// How many policies fit.
    package let count: Int

    /// A view of `count` elements at `base`, `stride` bytes apart.
    package init(_ base: UnsafeMutablePointer<rf_policy>, count: Int) {
        precondition(count >= 0 && count < Int(UInt32.max), "a policy's index + 1 is 32 bits wide")
        unsafe self.base = UnsafeMutableRawPointer(base)
        self.count = count
    }

    /// Whether `policy` (index + 1) is none or names an element of the array.
    @_noLocks @_noAllocation
    package func contains(_ policy: UInt32) -> Bool { Int(policy) <= count }

    /// Whether `policy` (index + 1) allows a call. Policy 0 allows everything; one beyond the array allows nothing; no
    /// policy allows an ABI that is not below `RF_ABIS` or a number outside 0..<`RF_CALLS`.
    @_noLocks @_noAllocation
    package func allows(policy: UInt32, session: Bool, abi: UInt32, number: Int64) -> Bool {
        guard policy != 0 else { return true }
        // One comparison for both ends: a negative number is a huge unsigned one.
        guard contains(policy), abi < UInt32(RF_ABIS), UInt64(bitPattern: number) < UInt64(RF_CALLS) else {
            return false
        }
        let first = (session ? Int(RF_ABIS * RF_CALL_WORDS) : 0) &+ Int(abi) &* Int(RF_CALL_WORDS)
        return word(policy, first &+ Int(number >> 6)) & (1 << UInt64(number & 63)) != 0
    }

    /// Whether `policy` (index + 1) allows an io_uring operation; bounds as for calls, with `RF_IO_OPS`.
    @_noLocks @_noAllocation
    package func allowsIO(policy: UInt32, session: Bool, operation: Int64) -> Bool {
        guard policy != 0 else { return true }
        guard contains(policy), UInt64(bitPattern: operation) < UInt64(RF_IO_OPS) else { return false }
        let first = Int(RF_JUDGED * RF_ABIS * RF_CALL_WORDS) &+ (session ? Int(RF_IO_WORDS) : 0)
        return word(policy, first &+ Int(operation >> 6)) & (1 << UInt64(operation & 63)) != 0
    }

    /// Whether `policy` (index + 1) allows any call of an ABI, to the workload or, if `session`, to sessions. For the rare
    /// path.
    @_noLocks @_noAllocation
    package func allowsAny(policy: UInt32, session: Bool, abi: UInt32) -> Bool {
        guard policy != 0 else { return true }
        guard contains(policy), abi < UInt32(RF_ABIS) else { return false }
        var all: UInt64 = 0
        var index = (Int(abi) &+ (session ? Int(RF_ABIS) : 0)) &* Int(RF_CALL_WORDS)
        let end = index &+ Int(RF_CALL_WORDS)
        while index < end {
            all |= word(policy, index)
            index &+= 1
        }
        return all != 0
    }

    /// Writes one element, then fences, so that a store of `index + 1` to `rf_slot.policy` that follows publishes it
    /// whole. `serial` counts the tables written since the map was made; `profile` is the caller's number for the
    /// profile behind it.
    package func fill(_ index: Int, with bits: PolicyBits, serial: UInt64, profile: UInt32) {
        precondition(index >= 0 && index < count, "no such policy")
        // SAFETY: the index is inside the array, which outlives the view; the caller owns the element until it is
        // published.
        let policy = unsafe element(UInt32(index + 1))
        for judged in 0..<UInt32(RF_JUDGED) {
            for word in 0..<UInt32(RF_CALL_WORDS) {
                for abi in 0..<UInt32(RF_ABIS) {
                    unsafe rf_policy_set_calls(policy, judged, abi, word, bits.callWord(judged, abi, word))
                }
            }
            for word in 0..<UInt32(RF_IO_WORDS) {
                unsafe rf_policy_set_io_ops(policy, judged, word, bits.operationWord(judged, word))
            }
            unsafe rf_policy_set_arguments(policy, judged, bits.families[Int(judged)], bits.cloneFlags[Int(judged)])
        }
        unsafe policy.pointee.serial = serial
        unsafe policy.pointee.profile = profile
        unsafe policy.pointee.reserved = 0
        atomicMemoryFence(ordering: .releasing)
    }

    /// Whether an element still holds what `fill` wrote there. Not for the hot path.
    package func holds(_ index: Int, _ bits: PolicyBits) -> Bool {
        precondition(index >= 0 && index < count, "no such policy")
        let policy = UInt32(index + 1)
        guard bits.words.enumerated().allSatisfy({ word(policy, $0.offset) == $0.element }) else { return false }
        return (0..<Int(RF_JUDGED)).allSatisfy { judged in
            // SAFETY: the index is inside the array, which outlives the view.
            unsafe rf_policy_has_arguments(
                element(policy), UInt32(judged), bits.families[judged], bits.cloneFlags[judged]) != 0
        }
    }

    /// One word of a policy that is not 0 and that `contains` accepts, counted from its start: `rf_policy.calls` and
    /// `rf_policy.io_ops` follow one another without a gap (asserted in `ringfence_slots.h`).
    @_noLocks @_noAllocation
    private func word(_ policy: UInt32, _ index: Int) -> UInt64 {
        // SAFETY: callers have tested policy and index; the array outlives the view. Single words are never torn.
        let words = unsafe UnsafeMutableRawPointer(element(policy)).assumingMemoryBound(to: Atomic<UInt64>.self)
        return unsafe words[index].load(ordering: .relaxed)
    }

    /// The element of a policy that is not 0 and that `contains` accepts.
    @_noLocks @_noAllocation
    private func element(_ policy: UInt32) -> UnsafeMutablePointer<rf_policy> {
        // SAFETY: callers have tested the index; the array outlives the view.
        unsafe (base + (Int(policy) &- 1) &* Self.stride).assumingMemoryBound(to: rf_policy.self)
    }

}
