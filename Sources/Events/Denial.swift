// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// A system call that a seccomp filter answered instead of the kernel.
package struct Denial: Sendable, Equatable {
    /// The sub-slot of the executable that tried.
    package private(set) var sub: UInt32
    package let abi: CallABI
    package let phase: Phase
    package let number: Int
    /// The errno that the filter returned, positive.
    package let errno: Int32
    package private(set) var count: UInt64
    /// Thread group id and comm of the first process that tried.
    package let pid: UInt32
    package let comm: String

    /// What tells it from the others, for whoever remembers counts.
    package var name: String { "\(sub).\(abi.rawValue).\(phase.rawValue).\(number).\(errno)" }

    /// The same, less what was counted before; nil if nothing is left.
    package func less(_ before: UInt64) -> Denial? {
        guard count > before else { return nil }
        var rest = self
        rest.count -= before
        return rest
    }

    /// Copies an entry of the table of denials; nil if its phase or ABI is not one of ours.
    @safe package init?(key: rf_denied_key, value: UnsafePointer<rf_denied>) {
        guard let abi = CallABI(rawValue: UInt32(key.abi)), let phase = Phase(rawValue: UInt32(key.phase)) else {
            return nil
        }
        self.abi = abi
        self.phase = phase
        sub = key.sub
        number = Int(key.number)
        errno = Int32(key.error)
        count = unsafe value.pointee.count
        pid = unsafe value.pointee.pid
        comm = unsafe KernelText.comm(rf_denied_comm(value))
    }

    /// The same of a sub-slot whose number is `offset` higher.
    package func shifted(by offset: UInt32) -> Denial {
        var copy = self
        copy.sub &+= offset
        return copy
    }
}
