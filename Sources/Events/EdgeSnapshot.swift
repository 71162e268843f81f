// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// That one executable of a cgroup has executed another, copied from the kernel's table. The parent is what the process ran
/// before it called execve(2): of a program that a shell starts the shell, whose child made the call.
package struct EdgeSnapshot: Sendable, Hashable {
    /// The slot of the cgroup, and the sub-slots of both executables.
    package private(set) var slot: UInt32
    package private(set) var parent: UInt32
    package private(set) var child: UInt32
    /// Whether it was done in an exec session, and not by the workload.
    package let isSession: Bool
    /// How often it was done.
    package let count: UInt64
    /// Nanoseconds of CLOCK_BOOTTIME.
    package let firstNanoseconds: UInt64
    package let lastNanoseconds: UInt64
    /// Thread group id of the first process that did it, initial pid namespace.
    package let pid: UInt32

    /// Copies an entry of the table.
    package init(key: rf_edge_key, value: rf_edge) {
        slot = key.slot
        parent = key.parent
        child = key.child
        isSession = key.judged == UInt32(RF_JUDGED_SESSION)
        count = value.count
        firstNanoseconds = value.first_ns
        lastNanoseconds = value.last_ns
        pid = value.pid
    }

    /// The same where numbers of slots and sub-slots are `offset` higher.
    package func shifted(by offset: UInt32) -> EdgeSnapshot {
        var copy = self
        copy.slot &+= offset
        copy.parent &+= offset
        copy.child &+= offset
        return copy
    }
}
