// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// The values that an argument of a call had in one cgroup and phase, copied from the kernel's table: what prctl(2) was asked
/// for, which request ioctl(2) made, which persona personality(2) took.
package struct OptionSnapshot: Sendable, Hashable {
    /// Whose argument it is.
    package enum Kind: UInt16, Sendable, CaseIterable {
        case ioctl = 0
        case personality
        case prctl

        /// The call's name.
        package var call: String { "\(self)" }

        /// What a behaviour profile calls the argument.
        package var fact: String {
            switch self {
            case .ioctl: "ioctl.request"
            case .personality: "personality.persona"
            case .prctl: "prctl.option"
            }
        }
    }

    /// The slot of the cgroup.
    package let slot: UInt32
    /// Whose argument had the values.
    package let kind: Kind
    /// The phase that the calls were made in.
    package let phase: Phase
    /// At most 16 of them, the low 32 bits.
    package let values: Set<UInt32>
    /// Whether there were more.
    package let overflowed: Bool

    /// Copies an entry of the table; nil for a kind or a phase that this build does not know.
    package init?(key: rf_option_key, value: rf_values) {
        guard let kind = Kind(rawValue: key.kind), let phase = Phase(rawValue: UInt32(key.phase)) else { return nil }
        slot = key.slot
        self.kind = kind
        self.phase = phase
        var copy = value
        values = unsafe withUnsafeBytes(of: &copy.value) { bytes in
            // Each is kept as value + 1; 0 is an empty place.
            unsafe Set(bytes.bindMemory(to: UInt64.self).filter { $0 > 0 }.map { UInt32(truncatingIfNeeded: $0 - 1) })
        }
        overflowed = value.overflow > 0
    }
}
