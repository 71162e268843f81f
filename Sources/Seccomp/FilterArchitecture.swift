// SPDX-License-Identifier: Apache-2.0
package import Events

/// An architecture a filter can name, as the OCI runtime specification spells it.
package enum FilterArchitecture: String, Codable, Sendable, CaseIterable, Comparable {
    case x86_64 = "SCMP_ARCH_X86_64"
    case x86 = "SCMP_ARCH_X86"
    case x32 = "SCMP_ARCH_X32"
    case aarch64 = "SCMP_ARCH_AARCH64"
    case arm = "SCMP_ARCH_ARM"

    package static func < (left: FilterArchitecture, right: FilterArchitecture) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Names of the specification that this tool has no system call tables for: known, never resolved.
    static let foreign: Set<String> = [
        "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
        "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390",
        "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", "SCMP_ARCH_LOONGARCH64",
        "SCMP_ARCH_M68K", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
    ]

    /// The architecture of one ABI's calls; nil for x32 on arm64.
    package init?(_ abi: CallABI, on architecture: Architecture) {
        switch (abi, architecture) {
        case (.native, .x86_64): self = .x86_64
        case (.compat, .x86_64): self = .x86
        case (.x32, .x86_64): self = .x32
        case (.native, .arm64): self = .aarch64
        case (.compat, .arm64): self = .arm
        case (.x32, .arm64): return nil
        }
    }

    /// The machine its calls are made on.
    package var machine: Architecture { self == .aarch64 || self == .arm ? .arm64 : .x86_64 }

    /// Which of the machine's call tables it is.
    package var abi: CallABI {
        switch self {
        case .x86_64, .aarch64: .native
        case .x86, .arm: .compat
        case .x32: .x32
        }
    }

    /// libseccomp's token, `SCMP_ARCH_*` of seccomp.h: the AUDIT_ARCH value but for x32.
    var token: UInt32 {
        switch self {
        case .x86_64: 0xC000_003E
        case .x86: 0x4000_0003
        case .x32: 0x4000_003E
        case .aarch64: 0xC000_00B7
        case .arm: 0x4000_0028
        }
    }

    /// What the kernel puts into `seccomp_data.arch` for its calls: `AUDIT_ARCH_*` of linux/audit.h. x32 has x86_64's.
    package var auditArchitecture: UInt32 { self == .x32 ? FilterArchitecture.x86_64.token : token }

    /// The bit that the kernel adds to the call numbers: `__X32_SYSCALL_BIT`, else 0.
    package var numberBit: Int32 { self == .x32 ? 0x4000_0000 : 0 }

    /// Whether registers have 32 bits for a filter: libseccomp then compares only the low halves. True of x32 too.
    var hasNarrowArguments: Bool { self == .x86 || self == .arm || self == .x32 }
}

extension Sequence<FilterArchitecture> {
    /// The machine that a profile with these is for: this one, unless all are another's.
    var machine: Architecture {
        let machines = Set(map(\.machine))
        return machines.contains(.current) ? .current : machines.first ?? .current
    }
}
