// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events

/// What one policy allows, as a value: the bit words of an `rf_policy`, before they are written to the shared array.
package struct PolicyBits: Sendable, Equatable {
    /// Bit words of calls in the order of `rf_policy.calls`: workload and session, ABI, number / 64.
    private var calls: [UInt64]
    /// Bit words of io_uring operations in the order of `rf_policy.io_ops`.
    private var operations: [UInt64]

    /// Socket families below 64 that may be used; bit N is family N. No kernel has others, and no policy allows them.
    package private(set) var families: [UInt64]
    /// Flags of clone(2) that may not be used.
    package private(set) var cloneFlags: [UInt64]

    private init(word: UInt64) {
        families = Array(repeating: word, count: Int(RF_JUDGED))
        cloneFlags = Array(repeating: 0, count: Int(RF_JUDGED))
        calls = Array(repeating: word, count: Int(RF_JUDGED * RF_ABIS * RF_CALL_WORDS))
        operations = Array(repeating: word, count: Int(RF_JUDGED * RF_IO_WORDS))
    }

    /// Allows nothing.
    package static let nothing = PolicyBits(word: 0)

    /// Allows every number that a table can hold, in every ABI.
    package static let everything = PolicyBits(word: .max)

    /// Allows or forbids calls, for exec sessions or for the workload. Numbers outside 0..<`RF_CALLS` are left out: no
    /// policy can allow them.
    package mutating func set(
        _ numbers: some Sequence<Int>, of abi: CallABI, session: Bool, allowed: Bool = true
    ) {
        for number in numbers where number >= 0 && number < Int(RF_CALLS) {
            let word = callIndex(session ? 1 : 0, abi.rawValue, UInt32(number / 64))
            let bit = UInt64(1) << UInt64(number % 64)
            calls[word] = allowed ? calls[word] | bit : calls[word] & ~bit
        }
    }

    /// Allows or forbids io_uring operations; those outside 0..<`RF_IO_OPS` are left out.
    package mutating func set(operations numbers: some Sequence<Int>, session: Bool, allowed: Bool = true) {
        for number in numbers where number >= 0 && number < Int(RF_IO_OPS) {
            let word = (session ? 1 : 0) * Int(RF_IO_WORDS) + number / 64
            let bit = UInt64(1) << UInt64(number % 64)
            operations[word] = allowed ? operations[word] | bit : operations[word] & ~bit
        }
    }

    /// Allows or forbids a socket family; one beyond 63 is left out.
    package mutating func set(family: UInt32, session: Bool, allowed: Bool) {
        guard family < 64 else { return }
        let bit = UInt64(1) << UInt64(family)
        families[session ? 1 : 0] = allowed ? families[session ? 1 : 0] | bit : families[session ? 1 : 0] & ~bit
    }

    /// Forbids flags of clone(2), besides those that are.
    package mutating func forbid(cloneFlags flags: UInt32, session: Bool) {
        cloneFlags[session ? 1 : 0] |= UInt64(flags)
    }

    /// Whether a call is allowed.
    package func allows(_ number: Int, of abi: CallABI, session: Bool) -> Bool {
        guard number >= 0, number < Int(RF_CALLS) else { return false }
        return callWord(session ? 1 : 0, abi.rawValue, UInt32(number / 64)) & (1 << UInt64(number % 64)) != 0
    }

    /// Whether an io_uring operation is allowed.
    package func allows(operation: Int, session: Bool) -> Bool {
        guard operation >= 0, operation < Int(RF_IO_OPS) else { return false }
        return operationWord(session ? 1 : 0, UInt32(operation / 64)) & (1 << UInt64(operation % 64)) != 0
    }

    /// All words of calls and operations, in the order that `rf_policy` has them from its start.
    var words: [UInt64] { calls + operations }

    /// One word as `rf_policy.calls[judged][abi][word]` holds it.
    func callWord(_ judged: UInt32, _ abi: UInt32, _ word: UInt32) -> UInt64 { calls[callIndex(judged, abi, word)] }

    /// One word as `rf_policy.io_ops[judged][word]` holds it.
    func operationWord(_ judged: UInt32, _ word: UInt32) -> UInt64 {
        operations[Int(judged) * Int(RF_IO_WORDS) + Int(word)]
    }

    private func callIndex(_ judged: UInt32, _ abi: UInt32, _ word: UInt32) -> Int {
        (Int(judged) * Int(RF_ABIS) + Int(abi)) * Int(RF_CALL_WORDS) + Int(word)
    }
}
