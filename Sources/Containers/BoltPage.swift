// SPDX-License-Identifier: Apache-2.0

/// One page of a bbolt tree: 16 bytes of header (number, flags, count, overflow), then 16 bytes for each element.
struct BoltPage {
    /// One element; of a branch only `key` and `child` mean something.
    struct Item {
        let key: ArraySlice<UInt8>
        let value: ArraySlice<UInt8>
        let isBucket: Bool
        let child: UInt64
    }

    /// How many elements it has.
    let count: Int
    /// Whether elements are keys and values, and not pages.
    let isLeaf: Bool
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws(BoltFile.Failure) {
        guard bytes.count >= 16 else { throw .damaged }
        let flags = BoltFile.number(bytes, 8, 2)
        guard flags == 1 || flags == 2 else { throw .damaged }
        isLeaf = flags == 2
        count = Int(BoltFile.number(bytes, 10, 2))
        guard 16 + count * 16 <= bytes.count else { throw .damaged }
        self.bytes = bytes
    }

    /// The element at `index`, which is below `count`. A leaf's is flags, position, key size, value size (4 bytes each), a
    /// branch's position, key size, page (4, 4 and 8); the position counts from the element.
    func item(_ index: Int) throws(BoltFile.Failure) -> Item {
        let start = 16 + index * 16
        func field(_ number: Int) -> Int { Int(BoltFile.number(bytes, start + number * 4, 4)) }
        let position = start + field(isLeaf ? 1 : 0)
        let keyEnd = position + field(isLeaf ? 2 : 1)
        let end = keyEnd + (isLeaf ? field(3) : 0)
        guard end <= bytes.count else { throw .damaged }
        return Item(
            key: bytes[position..<keyEnd], value: bytes[keyEnd..<end],
            isBucket: isLeaf && field(0) & 1 == 1, child: isLeaf ? 0 : BoltFile.number(bytes, start + 8, 8))
    }
}
