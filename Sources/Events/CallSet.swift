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

    /// Every number below `limit`.
    package init(below limit: Int) {
        self.init()
        for number in 0..<max(0, limit) { insert(number) }
    }

    /// Adds `number`; one that is negative is ignored.
    package mutating func insert(_ number: Int) {
        guard number >= 0 else { return }
        while words.count <= number / 64 { words.append(0) }
        words[number / 64] |= 1 << UInt64(number % 64)
    }

    /// Takes `number` out.
    package mutating func remove(_ number: Int) {
        guard contains(number) else { return }
        words[number / 64] &= ~(1 << UInt64(number % 64))
        while words.last == 0 { words.removeLast() }
    }

    /// Adds every number of `other`.
    package mutating func formUnion(_ other: CallSet) {
        while words.count < other.words.count { words.append(0) }
        for (index, word) in other.words.enumerated() { words[index] |= word }
    }

    /// The numbers of both.
    package func union(_ other: CallSet) -> CallSet {
        var both = self
        both.formUnion(other)
        return both
    }

    /// The first `count` 64-bit words, lowest numbers first: what the kernel's tables hold. Numbers beyond are left out.
    package func words(count: Int) -> [UInt64] {
        (0..<max(0, count)).map { $0 < words.count ? words[$0] : 0 }
    }
}
