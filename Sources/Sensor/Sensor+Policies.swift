// SPDX-License-Identifier: Apache-2.0
package import CEvents
import CLibBPF
package import Events
import Glibc

/// Comparing and tracing: what user space tells the kernel programs. One thread at a time.
extension Sensor {
    /// How often something was done that a policy does not allow.
    package struct Deviation: Sendable, Equatable {
        /// Sub-slot of the executable.
        package let sub: UInt32
        /// System call or io_uring operation.
        package let number: Int
        /// nil for an io_uring operation.
        package let abi: CallABI?
        /// Whether an exec session did it.
        package let isSession: Bool
        /// `RF_DETAIL_*`: which argument of an allowed call; 0 for the call itself.
        package let detail: UInt32
        package let count: UInt64
        /// When it was first done, nanoseconds of CLOCK_BOOTTIME.
        package let firstNanoseconds: UInt64

        /// What a slot tells, as the kernel would have counted it.
        package init(
            sub: UInt32, number: Int, abi: CallABI?, isSession: Bool, detail: UInt32, count: UInt64,
            firstNanoseconds: UInt64
        ) {
            self.sub = sub
            self.number = number
            self.abi = abi
            self.isSession = isSession
            self.detail = detail
            self.count = count
            self.firstNanoseconds = firstNanoseconds
        }

        /// What the kernel has counted.
        init(_ key: rf_deviation_key, _ value: rf_deviation) {
            self.init(
                sub: key.sub, number: Int(key.number), abi: CallABI(rawValue: UInt32(key.abi)),
                isSession: key.judged == UInt16(RF_JUDGED_SESSION), detail: key.detail, count: value.count,
                firstNanoseconds: value.first_ns)
        }
    }

    /// Calls `body` with the tables of what profiles allow, in place. A table may be written while no slot has its index.
    @safe package func withPolicies<Result>(_ body: (UnsafeMutableBufferPointer<rf_policy>) -> Result) -> Result? {
        // The stride of the map is the size of the struct: both are multiples of 8.
        policyTable.withElement(0) { first in
            unsafe body(UnsafeMutableBufferPointer(start: first, count: policyTable.count))
        }
    }

    /// Gives a container the table at `index`, or none. Takes effect with the next call that the kernel looks at.
    package func publish(policy index: UInt32?, toSlot slot: UInt32) {
        _ = slotTable.withElement(Int(slot)) { unsafe rf_slot_publish($0, index.map { $0 + 1 } ?? 0) }
    }

    /// The table that new slots get, so that nobody is unjudged until it has a name; nil for none.
    package func setDefault(policy index: UInt32?) {
        _ = controlTable.withElement(0) { unsafe $0.pointee.default_policy = index.map { $0 + 1 } ?? 0 }
    }

    /// The table that a slot has; nil for none.
    package func policy(ofSlot slot: UInt32) -> UInt32? {
        slotTable.withElement(Int(slot)) { unsafe $0.pointee.policy == 0 ? nil : $0.pointee.policy - 1 }
    }

    /// Turns the full trace of a container on or off, for what runs in it and for what will.
    package func trace(slot root: UInt32, _ isOn: Bool) {
        _ = slotTable.withElement(Int(root)) { unsafe rf_slot_set_mode($0, isOn ? UInt32(RF_MODE_TRACED) : 0) }
        let members = Set(slots.filter { $0.root == root }.map(\.index))
        for index in subIndices {
            guard let slot = slot(ofSub: index), members.contains(slot) else { continue }
            attend(sub: index, UInt32(RF_ATTEND_TRACED), isOn)
        }
    }

    /// Whether the execs of an executable are expected and need no record.
    package func expect(sub: UInt32, _ isExpected: Bool) { attend(sub: sub, UInt32(RF_ATTEND_EXPECTED), isExpected) }

    /// Whether `expect` said so last.
    package func isExpected(sub: UInt32) -> Bool { attention(ofSub: sub) & UInt32(RF_ATTEND_EXPECTED) != 0 }

    /// Forgets that the workload executed an executable, until it does so again.
    package func forgetRun(sub: UInt32) { attend(sub: sub, UInt32(RF_ATTEND_RAN), false) }

    /// Whether it was told that an executable ran. The kernel keeps it for the daemon that comes next.
    package func markTold(sub: UInt32, _ isTold: Bool) { attend(sub: sub, UInt32(RF_ATTEND_TOLD), isTold) }

    /// Whether an executable has done what its policy does not allow, so that each of its calls is looked at.
    package func markDeviant(sub: UInt32, _ isDeviant: Bool) { attend(sub: sub, UInt32(RF_ATTEND_DEVIANT), isDeviant) }

    /// `RF_ATTEND_*` of a sub-slot; 0 if there is none.
    package func attention(ofSub sub: UInt32) -> UInt32 {
        subTable.withElement(Int(sub)) { unsafe rf_sub_attention($0) } ?? 0
    }

    /// Whether the workload has executed an executable that user space neither expects nor has told of.
    package func isUntold(sub: UInt32) -> Bool {
        attention(ofSub: sub) & UInt32(RF_ATTEND_RAN | RF_ATTEND_EXPECTED | RF_ATTEND_TOLD) == UInt32(RF_ATTEND_RAN)
    }

    /// Whether `markTold` was called for it.
    package func wasTold(sub: UInt32) -> Bool { attention(ofSub: sub) & UInt32(RF_ATTEND_TOLD) != 0 }

    private func attend(sub: UInt32, _ bit: UInt32, _ isOn: Bool) {
        _ = subTable.withElement(Int(sub)) { unsafe rf_sub_attend($0, isOn ? bit : 0, isOn ? 0 : bit) }
    }

    /// Every deviation that the kernel has counted, in no order.
    package func deviations() -> [Deviation] {
        var all: [Deviation] = []
        maps.forEach(in: "rf_deviations", key: rf_deviation_key(), value: rf_deviation()) { key, value in
            all.append(Deviation(key, value))
        }
        return all
    }

    /// Takes the arguments that are saved out of a slot, and notes until when everything of it is saved, nanoseconds of
    /// CLOCK_BOOTTIME: after `clear` of its sub-slots.
    package func clear(_ saved: SlotSnapshot, until end: UInt64) {
        _ = slotTable.withElement(Int(saved.index)) { slot in
            for (kind, sets) in [
                (UInt32(RF_ARG_SOCKET_FAMILY), saved.socketFamilies), (UInt32(RF_ARG_CLONE_FLAGS), saved.cloneFlags),
            ] {
                for (phase, set) in sets {
                    for value in set.values { unsafe rf_slot_clear_value(slot, phase.rawValue, kind, value) }
                    unsafe rf_slot_clear_overflow(slot, phase.rawValue, kind, set.overflow)
                }
            }
            for (judged, used) in [
                (UInt32(RF_JUDGED_WORKLOAD), saved.capabilitiesUsed),
                (UInt32(RF_JUDGED_SESSION), saved.sessionCapabilitiesUsed),
            ] {
                unsafe rf_slot_clear_capabilities(slot, judged, used.rawValue)
            }
            unsafe rf_slot_set_epoch(slot, end)
            return true
        }
    }

    /// Takes facts that are saved out of a sub-slot, so that their next use is news again. That it ran stays until it is
    /// expected.
    package func clear(_ saved: SubSnapshot) {
        if isExpected(sub: saved.index) { forgetRun(sub: saved.index) }
        _ = subTable.withElement(Int(saved.index)) { sub in
            for (phase, sets) in saved.calls {
                for (abi, set) in sets {
                    for (word, bits) in set.words.enumerated() {
                        unsafe rf_sub_clear_calls(sub, phase.rawValue, abi.rawValue, UInt32(word), bits)
                    }
                }
            }
            for (phase, set) in saved.ioUring {
                for (word, bits) in set.words.enumerated() {
                    unsafe rf_sub_clear_io_ops(sub, phase.rawValue, UInt32(word), bits)
                }
            }
            return true
        }
    }

    /// Notes that profiles have counted what a slot's account held, and its container's start.
    package func book(_ saved: SlotSnapshot) {
        var account = saved.account.raw
        _ = slotTable.withElement(Int(saved.index)) { unsafe rf_slot_book($0, &account) }
    }
}
