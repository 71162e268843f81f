// SPDX-License-Identifier: Apache-2.0

/// What the judge says of one record. The raw values are dense from 0: counters are indexed by them.
package enum Verdict: UInt8, Sendable, CaseIterable {
    /// Nobody needs to see it: allowed, made in set-up, or in a cgroup without a policy.
    case expected = 0
    /// A call that the policy does not allow.
    case deviation = 1
    /// The same, in an ABI other than the kernel's own of which the policy allows no call at all.
    case foreignABI = 2
    /// A call number that no table can hold: negative, or `RF_CALLS` and above.
    case outOfRange = 3
    /// An io_uring operation that the policy does not allow.
    case ioDeviation = 4
    /// A program was executed that user space has not judged yet.
    case executable = 5
    /// A task joined beside a living workload: an exec session.
    case session = 6
    /// A first join, or a cgroup that was made or removed.
    case lifecycle = 7
    /// A seccomp filter answered a call.
    case denied = 8
    /// Not a record: too short, misaligned, or with a kind, phase or ABI that does not exist.
    case malformed = 9
    /// A first contact with a network peer: names are compared by user space.
    case peer = 10
    /// A query for a name or the answer to one.
    case name = 11

    // The hot path's guards refuse `==` of an enum with raw values, which is generic, and its `rawValue`, which nobody
    // can annotate; they take patterns. The optimiser makes nothing of the switch.
    var isExpected: Bool { @_noLocks @_noAllocation get { if case .expected = self { true } else { false } } }
    /// Whether it was no record at all.
    package var isMalformed: Bool { @_noLocks @_noAllocation get { if case .malformed = self { true } else { false } } }
    /// The raw value.
    var index: Int {
        @_noLocks @_noAllocation get {
            switch self {
            case .expected: 0
            case .deviation: 1
            case .foreignABI: 2
            case .outOfRange: 3
            case .ioDeviation: 4
            case .executable: 5
            case .session: 6
            case .lifecycle: 7
            case .denied: 8
            case .malformed: 9
            case .peer: 10
            case .name: 11
            }
        }
    }
}
