// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// A copy of one call of a full trace.
package struct TracedCall: Sendable, Equatable {
    /// When, nanoseconds of CLOCK_BOOTTIME.
    package let timeNanoseconds: UInt64
    package let cgroupID: UInt64
    package let slot: UInt32
    package let sub: UInt32
    package let phase: Phase
    package let abi: CallABI
    package let number: Int
    package let arguments: [UInt64]
    /// Thread id and thread group id in the initial pid namespace.
    package let pid: UInt32
    package let tgid: UInt32
    /// The kernel's verdict: whether the policy allows it; true where there is none.
    package let isAllowed: Bool
    /// Escaped.
    package let comm: String

    /// Copies a call out of a ring; nil if its phase or ABI is not one of ours.
    @safe package init?(copying pointer: UnsafePointer<rf_call>) {
        // SAFETY: the caller's record is whole and stays until this returns; everything is copied.
        let raw = unsafe pointer.pointee
        guard let phase = Phase(rawValue: UInt32(raw.phase)), let abi = CallABI(rawValue: UInt32(raw.abi)) else {
            return nil
        }
        self.phase = phase
        self.abi = abi
        timeNanoseconds = raw.time_ns
        cgroupID = raw.cgroup_id
        slot = raw.slot
        sub = raw.sub
        number = Int(raw.number)
        arguments = (0..<UInt32(RF_ARGS)).map { unsafe rf_call_argument(pointer, $0) }
        pid = raw.pid
        tgid = raw.tgid
        isAllowed = raw.allowed != 0
        comm = unsafe KernelText.comm(rf_call_comm(pointer))
    }
}
