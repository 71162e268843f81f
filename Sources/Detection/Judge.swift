// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// Says of a record what the kernel programs say of the call: both test the same tables by the same rules. Any bytes may
/// be given: what is not a record is `malformed`, and nothing traps.
///
/// A task in set-up (phase % 3 != 2) is never judged, but for its network peers, which are told apart by name; `workload` is judged by the policy's first tables, an exec
/// session's workload by its second ones. A record that says of itself that it is a deviation stays one, even if the
/// table allows the call by now: the kernel judged by the table of that moment.
@safe package struct Judge: Sendable {
    /// What is tested.
    package let tables: PolicyTables

    /// A judge over these tables.
    package init(_ tables: PolicyTables) { self.tables = tables }

    /// Judges a record in place. `size` is how many bytes the ring delivered; the memory is only read, and only if they
    /// are enough.
    @inline(__always) @_noLocks @_noAllocation
    package func judge(_ record: UnsafePointer<rf_record>, size: Int = MemoryLayout<rf_record>.size) -> Verdict {
        guard size >= MemoryLayout<rf_record>.size, UInt(bitPattern: record) & 7 == 0 else { return .malformed }
        // SAFETY: the caller vouches for `size` bytes until this returns; they are enough for one aligned record.
        let kind = unsafe record.pointee.kind
        let phase = unsafe record.pointee.phase
        let abi = unsafe record.pointee.abi
        guard kind < UInt32(RF_KINDS), phase < UInt32(RF_PHASES), abi < UInt32(RF_ABIS) else { return .malformed }
        switch kind {
        case UInt32(RF_KIND_JOIN): return phase >= UInt32(RF_PHASE_SESSION) ? .session : .lifecycle
        case UInt32(RF_KIND_CGROUP_MADE), UInt32(RF_KIND_CGROUP_REMOVED): return .lifecycle
        // Its hook knows no phase: the record's number says whether the workload did it.
        case UInt32(RF_KIND_PEER): return .peer
        case UInt32(RF_KIND_DNS): return .name
        default: break
        }
        guard Self.isJudged(phase) else { return .expected }
        switch kind {
        case UInt32(RF_KIND_EXEC): return .executable
        case UInt32(RF_KIND_DENIED): return .denied
        // No table has a place for it: the record names none.
        case UInt32(RF_KIND_OUT_OF_RANGE): return .outOfRange
        default: break
        }
        let policy = unsafe record.pointee.policy
        guard policy != 0 else { return .expected }
        let number = unsafe record.pointee.number
        let session = phase >= UInt32(RF_PHASE_SESSION)
        switch kind {
        case UInt32(RF_KIND_IO_FIRST_USE):
            return tables.allowsIO(policy: policy, session: session, operation: number) ? .expected : .ioDeviation
        case UInt32(RF_KIND_IO_DEVIATION): return .ioDeviation
        case UInt32(RF_KIND_DEVIATION): return refused(policy: policy, session: session, abi: abi, number: number)
        default: return call(policy: policy, session: session, abi: abi, number: number)
        }
    }

    /// Judges a call of the full trace in place; its own `allowed`, the kernel's verdict, is not looked at, so that the
    /// two can be compared.
    @inline(__always) @_noLocks @_noAllocation
    package func judge(call: UnsafePointer<rf_call>, size: Int = MemoryLayout<rf_call>.size) -> Verdict {
        guard size >= MemoryLayout<rf_call>.size, UInt(bitPattern: call) & 7 == 0 else { return .malformed }
        // SAFETY: the caller vouches for `size` bytes until this returns; they are enough for one aligned record.
        let phase = UInt32(unsafe call.pointee.phase)
        let abi = UInt32(unsafe call.pointee.abi)
        guard phase < UInt32(RF_PHASES), abi < UInt32(RF_ABIS) else { return .malformed }
        let policy = unsafe call.pointee.policy
        guard Self.isJudged(phase), policy != 0 else { return .expected }
        return self.call(
            policy: policy, session: phase >= UInt32(RF_PHASE_SESSION), abi: abi, number: unsafe call.pointee.number)
    }

    /// Whether a phase below `RF_PHASES` is one that policies judge.
    @_noLocks @_noAllocation
    private static func isJudged(_ phase: UInt32) -> Bool {
        phase == UInt32(RF_PHASE_WORKLOAD) || phase == UInt32(RF_PHASE_SESSION + RF_PHASE_WORKLOAD)
    }

    @inline(__always) @_noLocks @_noAllocation
    private func call(policy: UInt32, session: Bool, abi: UInt32, number: Int64) -> Verdict {
        tables.allows(policy: policy, session: session, abi: abi, number: number)
            ? .expected : refused(policy: policy, session: session, abi: abi, number: number)
    }

    /// What kind of deviation a call is that the policy does not allow.
    @inline(__always) @_noLocks @_noAllocation
    private func refused(policy: UInt32, session: Bool, abi: UInt32, number: Int64) -> Verdict {
        guard UInt64(bitPattern: number) < UInt64(RF_CALLS) else { return .outOfRange }
        return abi == UInt32(RF_ABI_NATIVE) || tables.allowsAny(policy: policy, session: session, abi: abi)
            ? .deviation : .foreignABI
    }
}
