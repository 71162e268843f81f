// SPDX-License-Identifier: Apache-2.0

/// The names of one ABI's system calls, by number. Numbers are fixed for ever once a kernel is released; a number without
/// a name is one that no kernel up to the table's version has given out.
package struct SyscallTable: Sendable {
    /// Names by number; a gap is nil.
    private let names: [String?]
    private let numbers: [String: Int]

    /// A table made of `number name` pairs.
    init(_ entries: [(Int, String)]) {
        var names: [String?] = []
        var numbers: [String: Int] = [:]
        for (number, name) in entries {
            while names.count <= number { names.append(nil) }
            names[number] = name
            numbers[name] = number
        }
        self.names = names
        self.numbers = numbers
    }

    /// The call's name, or `#N` for a number that the table does not know.
    package func name(_ number: Int) -> String {
        guard number >= 0, number < names.count, let name = names[number] else { return "#\(number)" }
        return name
    }

    /// The number of a call of this ABI, or nil if it has no such call. Understands `#N`.
    package func number(_ name: String) -> Int? {
        if let number = numbers[name] { return number }
        guard name.hasPrefix("#") else { return nil }
        return Int(name.dropFirst())
    }

    /// Every known number and name, ascending.
    package var entries: [(number: Int, name: String)] {
        names.enumerated().compactMap { number, name in name.map { (number, $0) } }
    }

    /// The table of one ABI on one architecture; x32 exists on x86_64 only and is empty on arm64.
    package static func table(_ abi: CallABI, on architecture: Architecture = .current) -> SyscallTable {
        switch (abi, architecture) {
        case (.native, .x86_64): x86_64
        case (.compat, .x86_64): i386
        case (.x32, .x86_64): x32
        case (.native, .arm64): arm64
        case (.compat, .arm64): arm
        case (.x32, .arm64): SyscallTable([])
        }
    }
}
