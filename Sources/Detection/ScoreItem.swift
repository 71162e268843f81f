// SPDX-License-Identifier: Apache-2.0
package import Events

/// One thing that a profile does not hold. Equal items are one item, however often they occur.
package enum ScoreItem: Hashable, Sendable {
    /// A system call of an ABI's table.
    case call(CallABI, Int)
    /// The first call of an ABI of which the profile has none.
    case foreignABI(CallABI)
    /// A call number that no table can hold.
    case outOfRange(CallABI, Int)
    /// An io_uring operation.
    case operation(Int)
    /// A program that was executed; its path, escaped.
    case executable(String)
    /// A network peer or listener, as the caller names it.
    case peer(String)

    /// How much it says; calls by the name in the architecture's table.
    package func callClass(on architecture: Architecture = .current) -> CallClass {
        switch self {
        case .call(let abi, let number): .ofCall(SyscallTable.table(abi, on: architecture).name(number))
        case .operation(let number): .ofOperation(IOUringOperation.name(number))
        case .foreignABI, .executable, .peer: .high
        // A kernel answers ENOSYS: a probe, or a program from the future.
        case .outOfRange: .middle
        }
    }
}
