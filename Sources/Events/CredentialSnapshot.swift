// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// Credentials that processes of a cgroup were seen with, copied from the kernel's table.
package struct CredentialSnapshot: Sendable, Hashable {
    /// The slot of the cgroup, and the sub-slot of the executable that had them first.
    package private(set) var slot: UInt32
    package private(set) var sub: UInt32
    /// The effective user id as its user namespace numbers it; 65534 if it has no number there.
    package let uid: UInt32
    /// The effective capabilities, in its user namespace.
    package let effective: CapabilitySet
    /// Whether that is another user namespace than the initial one: what is allowed in it is less.
    package let isInUserNamespace: Bool
    /// Whether it was an exec session, and not the workload.
    package let isSession: Bool
    /// Nanoseconds of CLOCK_BOOTTIME.
    package let firstNanoseconds: UInt64
    package let lastNanoseconds: UInt64
    /// How often a process was seen with them; says nothing of how many there were.
    package let count: UInt64
    /// Thread group id of the first process that had them, initial pid namespace.
    package let pid: UInt32

    /// Copies an entry of the table.
    package init(key: rf_credential_key, value: rf_credential) {
        slot = key.slot
        sub = value.sub
        uid = key.uid
        effective = CapabilitySet(rawValue: key.effective)
        isInUserNamespace = key.level != 0
        isSession = key.judged == UInt32(RF_JUDGED_SESSION)
        count = value.count
        firstNanoseconds = value.first_ns
        lastNanoseconds = value.last_ns
        pid = value.pid
    }

    /// The same where numbers of slots and sub-slots are `offset` higher.
    package func shifted(by offset: UInt32) -> CredentialSnapshot {
        var copy = self
        copy.slot &+= offset
        copy.sub &+= offset
        return copy
    }
}
