// SPDX-License-Identifier: Apache-2.0

/// Writes bbolt databases for tests: small buckets inline, large ones as trees of pages, values with overflow pages.
struct BoltWriter {
    /// What a key holds.
    enum Node {
        case value([UInt8])
        case bucket([String: Node])

        static func text(_ text: String) -> Node { .value(Array(text.utf8)) }
    }

    private let pageSize: Int
    private var pages: [UInt8] = []

    /// A database with this content, whose last transaction is number 7.
    static func database(_ content: [String: Node], pageSize: Int = 4096) -> [UInt8] {
        var writer = BoltWriter(pageSize: pageSize)
        // Two meta pages, a free list and whatever comes after.
        writer.pages = [UInt8](repeating: 0, count: 3 * pageSize)
        let root = writer.tree(content)
        let end = UInt64(writer.pages.count / pageSize)
        for (page, transaction) in [(0, UInt64(6)), (1, 7)] {
            // The older one points nowhere: a reader that takes it finds nothing.
            let fields =
                number(0xED0C_DAED, 4) + number(2, 4) + number(UInt64(pageSize), 4) + number(0, 4)
                + number(transaction == 7 ? root : 2, 8) + number(0, 8) + number(2, 8) + number(end, 8)
                + number(transaction, 8)
            let meta = header(UInt64(page), flags: 4, count: 0, overflow: 0) + fields + number(sum(fields), 8)
            writer.pages.replaceSubrange(page * pageSize..<page * pageSize + meta.count, with: meta)
        }
        return writer.pages
    }

    private init(pageSize: Int) { self.pageSize = pageSize }

    /// Writes the pages of a bucket; the number of its root.
    private mutating func tree(_ content: [String: Node]) -> UInt64 {
        let items = content.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { key, node in
            item(key, node)
        }
        var level: [(key: [UInt8], page: UInt64)] = []
        var next = 0
        repeat {
            var taken: [(flags: UInt64, key: [UInt8], value: [UInt8])] = []
            var size = 16
            while next < items.count {
                let length = 16 + items[next].key.count + items[next].value.count
                guard taken.isEmpty || size + length <= pageSize else { break }
                size += length
                taken.append(items[next])
                next += 1
            }
            level.append((taken.first?.key ?? [], append(Self.leaf(taken, number: nextPage, pageSize))))
        } while next < items.count
        while level.count > 1 {
            var above: [(key: [UInt8], page: UInt64)] = []
            for start in stride(from: 0, to: level.count, by: 20) {
                let children = Array(level[start..<min(start + 20, level.count)])
                above.append((children[0].key, append(Self.branch(children, number: nextPage))))
            }
            level = above
        }
        return level[0].page
    }

    private mutating func item(_ key: String, _ node: Node) -> (flags: UInt64, key: [UInt8], value: [UInt8]) {
        switch node {
        case .value(let bytes): return (0, Array(key.utf8), bytes)
        case .bucket(let content):
            var small: [(flags: UInt64, key: [UInt8], value: [UInt8])] = []
            for (key, node) in content.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                if case .value(let bytes) = node { small.append((0, Array(key.utf8), bytes)) }
            }
            let size = small.reduce(0) { $0 + 16 + $1.key.count + $1.value.count }
            if small.count == content.count, size < pageSize / 4 {
                let header = Self.number(0, 8) + Self.number(0, 8)
                return (1, Array(key.utf8), header + Self.leaf(small, number: 0, nil))
            }
            return (1, Array(key.utf8), Self.number(tree(content), 8) + Self.number(0, 8))
        }
    }

    private var nextPage: UInt64 { UInt64(pages.count / pageSize) }

    private mutating func append(_ page: [UInt8]) -> UInt64 {
        let number = nextPage
        pages += page
        pages += [UInt8](repeating: 0, count: (pageSize - pages.count % pageSize) % pageSize)
        return number
    }

    private static func leaf(
        _ items: [(flags: UInt64, key: [UInt8], value: [UInt8])], number page: UInt64, _ pageSize: Int?
    ) -> [UInt8] {
        var elements: [UInt8] = []
        var data: [UInt8] = []
        for (index, item) in items.enumerated() {
            let position = UInt64((items.count - index) * 16 + data.count)
            elements += number(item.flags, 4) + number(position, 4)
            elements += number(UInt64(item.key.count), 4) + number(UInt64(item.value.count), 4)
            data += item.key + item.value
        }
        let overflow = pageSize.map { (16 + elements.count + data.count - 1) / $0 } ?? 0
        return header(page, flags: 2, count: items.count, overflow: overflow) + elements + data
    }

    private static func branch(_ children: [(key: [UInt8], page: UInt64)], number page: UInt64) -> [UInt8] {
        var elements: [UInt8] = []
        var data: [UInt8] = []
        for (index, child) in children.enumerated() {
            elements += number(UInt64((children.count - index) * 16 + data.count), 4)
            elements += number(UInt64(child.key.count), 4) + number(child.page, 8)
            data += child.key
        }
        return header(page, flags: 1, count: children.count, overflow: 0) + elements + data
    }

    private static func header(_ page: UInt64, flags: UInt64, count: Int, overflow: Int) -> [UInt8] {
        number(page, 8) + number(flags, 2) + number(UInt64(count), 2) + number(UInt64(overflow), 4)
    }

    private static func number(_ value: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    }

    /// FNV-1a.
    private static func sum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
