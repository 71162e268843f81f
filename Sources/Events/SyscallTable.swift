// SPDX-License-Identifier: Apache-2.0

/// The names of one ABI's system calls, by number. Numbers are fixed for ever once a kernel is released; a number without
/// a name is one that no kernel up to the tables' version (7.2) has given out. Names are the kernel's own, which are the
/// ones that libseccomp and container engines use.
package struct SyscallTable: Sendable {
    private let names: NumberedNames

    /// A table of `number name` lines.
    init(_ text: StaticString) { names = NumberedNames(text) }

    /// The call's name, or `#N` for a number that the table does not know.
    package func name(_ number: Int) -> String { names[number] ?? "#\(number)" }

    /// The number of a call of this ABI, or nil if it has no such call. Understands `#N`.
    package func number(_ name: String) -> Int? { names.number(name) }

    /// Every known number and name, ascending. Not dense: 32-bit Arm has private calls from 0xF0001 on.
    package var entries: [(number: Int, name: String)] { names.entries }

    /// The table of one ABI on one architecture; x32 exists on x86_64 only and is empty on arm64.
    package static func table(_ abi: CallABI, on architecture: Architecture = .current) -> SyscallTable {
        switch (abi, architecture) {
        case (.native, .x86_64): x86_64
        case (.compat, .x86_64): i386
        case (.x32, .x86_64): x32
        case (.native, .arm64): arm64
        case (.compat, .arm64): arm
        case (.x32, .arm64): none
        }
    }

    private static let none = SyscallTable("")
}
