// SPDX-License-Identifier: Apache-2.0

/// Which system call table a number belongs to. A number alone is meaningless: 5 is `fstat` for a native x86_64
/// program and `open` for a 32-bit one. Raw values are `RF_ABI_*` of the shared header.
package enum CallABI: UInt32, Sendable, CaseIterable, Comparable {
    /// The kernel's own 64-bit table.
    case native = 0
    /// The 32-bit table: i386 on x86_64, arm on arm64.
    case compat = 1
    /// x86_64's 32-bit pointers with 64-bit registers; numbers carry bit 30, which is stripped here.
    case x32 = 2

    package static func < (left: CallABI, right: CallABI) -> Bool { left.rawValue < right.rawValue }

    /// The name used in profiles: `x86_64`, `i386`, `x32`, `arm64`, `arm`.
    package func name(on architecture: Architecture) -> String {
        switch (self, architecture) {
        case (.native, .x86_64): "x86_64"
        case (.compat, .x86_64): "i386"
        case (.x32, _): "x32"
        case (.native, .arm64): "arm64"
        case (.compat, .arm64): "arm"
        }
    }
}
