// SPDX-License-Identifier: Apache-2.0

/// A set of call (or io_uring operation) numbers below `RF_CALLS`, as the kernel keeps it: one bit a number.
package struct CallSet: Sendable, Equatable {
    /// 64 numbers a word, lowest first; as many as are needed.
    package private(set) var words: [UInt64]

    /// The empty set.
    package init() { words = [] }

    /// A set from 64-bit words, lowest numbers first.
    package init(words: [UInt64]) {
        self.words = words
        while self.words.last == 0 { self.words.removeLast() }
    }

    /// Whether nothing is in the set.
    package var isEmpty: Bool { words.isEmpty }

    /// The numbers, ascending.
    package var numbers: [Int] {
        words.enumerated().flatMap { index, word in
            (0..<64).compactMap { word & (1 << UInt64($0)) != 0 ? index * 64 + $0 : nil }
        }
    }

    /// How many numbers are in the set.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether `number` is in the set.
    package func contains(_ number: Int) -> Bool {
        number >= 0 && number / 64 < words.count && words[number / 64] & (1 << UInt64(number % 64)) != 0
    }
}
