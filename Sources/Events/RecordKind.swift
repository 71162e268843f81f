// SPDX-License-Identifier: Apache-2.0

/// What an event record tells. Raw values are `RF_KIND_*` of the shared header.
package enum RecordKind: UInt32, Sendable, CaseIterable {
    /// A program was executed.
    case exec = 0
    /// An executable made a call for the first time in its cgroup and phase.
    case firstUse = 1
    /// A call number that no table can hold: negative, or 576 and above.
    case outOfRange = 2
    /// A seccomp filter answered a call.
    case denied = 3
    /// A task joined the cgroup from outside.
    case join = 4
    /// A cgroup was made.
    case cgroupMade = 5
    /// A cgroup was removed.
    case cgroupRemoved = 6
    /// An io_uring operation was submitted for the first time.
    case ioUringFirstUse = 7
    /// A call that the cgroup's policy does not allow.
    case deviation = 8
    /// An io_uring operation that the cgroup's policy does not allow.
    case ioUringDeviation = 9
    /// A first contact with a network peer, or a new listener.
    case peer = 10
    /// A query for a name, or the answer to one: see `DNSPacket`.
    case dns = 11
}
