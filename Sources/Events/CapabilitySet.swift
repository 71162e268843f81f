// SPDX-License-Identifier: Apache-2.0
import Platform

/// Capabilities as capabilities(7) numbers them: one bit each, as in /proc/PID/status (`CapEff`) and struct cred.
package struct CapabilitySet: Sendable, Equatable, Hashable {
    /// `linux/capability.h`, complete up to CAP_LAST_CAP of Linux 5.9 and later.
    private static let names = NumberedNames(
        """
        0 CAP_CHOWN
        1 CAP_DAC_OVERRIDE
        2 CAP_DAC_READ_SEARCH
        3 CAP_FOWNER
        4 CAP_FSETID
        5 CAP_KILL
        6 CAP_SETGID
        7 CAP_SETUID
        8 CAP_SETPCAP
        9 CAP_LINUX_IMMUTABLE
        10 CAP_NET_BIND_SERVICE
        11 CAP_NET_BROADCAST
        12 CAP_NET_ADMIN
        13 CAP_NET_RAW
        14 CAP_IPC_LOCK
        15 CAP_IPC_OWNER
        16 CAP_SYS_MODULE
        17 CAP_SYS_RAWIO
        18 CAP_SYS_CHROOT
        19 CAP_SYS_PTRACE
        20 CAP_SYS_PACCT
        21 CAP_SYS_ADMIN
        22 CAP_SYS_BOOT
        23 CAP_SYS_NICE
        24 CAP_SYS_RESOURCE
        25 CAP_SYS_TIME
        26 CAP_SYS_TTY_CONFIG
        27 CAP_MKNOD
        28 CAP_LEASE
        29 CAP_AUDIT_WRITE
        30 CAP_AUDIT_CONTROL
        31 CAP_SETFCAP
        32 CAP_MAC_OVERRIDE
        33 CAP_MAC_ADMIN
        34 CAP_SYSLOG
        35 CAP_WAKE_ALARM
        36 CAP_BLOCK_SUSPEND
        37 CAP_AUDIT_READ
        38 CAP_PERFMON
        39 CAP_BPF
        40 CAP_CHECKPOINT_RESTORE
        """)

    /// One bit a capability, bit N for capability N.
    package var rawValue: UInt64

    /// The capabilities of a mask.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// No capability.
    package static let none = CapabilitySet(rawValue: 0)
    /// Every capability that has a name: what a privileged container is given.
    package static let all = CapabilitySet(rawValue: names.entries.reduce(0) { $0 | 1 << UInt64($1.number) })

    /// The capabilities of these names, `CAP_SYS_ADMIN` or `sys_admin` in any case, `ALL` for all of them, `#63` for one
    /// without a name; nil if one is none.
    package init?(names: some Sequence<String>) {
        var set = CapabilitySet.none
        for name in names {
            guard let more = Self.named(name) else { return nil }
            set.formUnion(more)
        }
        self = set
    }

    /// What /proc/PID/status prints behind `CapEff:`, sixteen hexadecimal digits; nil for anything else.
    package init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8
        let isHexadecimal = digits.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
        }
        guard !digits.isEmpty, isHexadecimal, let value = UInt64(text, radix: 16) else { return nil }
        rawValue = value
    }

    /// Their kernel names, ascending by number; `#N` for one that has none.
    package var names: [String] {
        (0..<64).filter { rawValue & (1 << UInt64($0)) != 0 }.map { Self.names[$0] ?? "#\($0)" }
    }

    /// As /proc/PID/status prints it.
    package var hexadecimal: String { String(rawValue, radix: 16, digits: 16) }

    /// Whether there is none.
    package var isEmpty: Bool { rawValue == 0 }

    /// How many there are.
    package var count: Int { rawValue.nonzeroBitCount }

    /// Whether the capability of this name is one of them; false for what is no capability.
    package func contains(_ name: String) -> Bool {
        guard let one = Self.named(name) else { return false }
        return rawValue & one.rawValue == one.rawValue
    }

    /// Those that are in either set.
    package func union(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(rawValue: rawValue | other.rawValue)
    }

    /// Those that are in both sets.
    package func intersection(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(rawValue: rawValue & other.rawValue)
    }

    /// Those that `other` lacks.
    package func subtracting(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(rawValue: rawValue & ~other.rawValue)
    }

    /// Adds those of another set.
    package mutating func formUnion(_ other: CapabilitySet) { rawValue |= other.rawValue }

    private static func named(_ name: String) -> CapabilitySet? {
        let upper = name.uppercased()
        if upper == "ALL" || upper == "CAP_ALL" { return .all }
        let number = names.number(upper) ?? names.number("CAP_" + upper)
        guard let number, number < 64 else { return nil }
        return CapabilitySet(rawValue: 1 << UInt64(number))
    }
}
