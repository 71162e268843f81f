// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// A look into a bbolt database that its engine may be writing meanwhile. Nothing is locked: bbolt never overwrites a page
/// that the last committed transaction uses, so what was read holds if that transaction is still the last one afterwards.
/// Every number in the file is checked before it is used.
struct BoltFile: ~Copyable {
    /// Why a database could not be read.
    enum Failure: Error, Equatable {
        case system(CInt)
        case foreign
        case damaged
        case busy
    }

    /// A bucket: the page of its root, or a page of its own inside another's value.
    enum Bucket: Equatable {
        case page(UInt64)
        case inline([UInt8])
    }

    /// The most bytes of one page with its overflow, the deepest tree and the most items of one listing.
    private static let pageLimit = 4 << 20
    private static let depthLimit = 32
    private static let itemLimit = 1024
    private static let magic: UInt64 = 0xED0C_DAED

    private let file: Descriptor
    private let path: String
    private let pageSize: Int
    private let transaction: UInt64
    private let root: UInt64

    /// What `body` reads, of one transaction; tried again while the engine commits others, a few times.
    static func read<T>(
        _ path: String, owner: UInt32 = 0, _ body: (borrowing BoltFile) throws(Failure) -> T
    ) throws(Failure) -> T {
        for _ in 0..<5 {
            let before = try snapshot(path, owner)
            let result: Result<T, Failure>
            do throws(Failure) { result = .success(try body(before)) } catch { result = .failure(error) }
            guard try snapshot(path, owner).transaction == before.transaction else { continue }
            return try result.get()
        }
        throw .busy
    }

    private static func snapshot(_ path: String, _ owner: UInt32) throws(Failure) -> BoltFile {
        let file = try open(path, owner)
        // A page is as large as the machine's that made the file; the first meta page says so, if it is whole.
        var found: (transaction: UInt64, root: UInt64, size: Int)?
        for offset in [0, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] {
            guard let bytes = try? bytes(file, path, at: UInt64(offset), 80) else { break }
            guard let meta = meta(bytes), offset == 0 || meta.size == offset else { continue }
            if meta.transaction >= found?.transaction ?? 0 { found = meta }
            if offset != 0 { break }
        }
        guard let found else { throw .damaged }
        return BoltFile(
            file: file, path: path, pageSize: found.size, transaction: found.transaction, root: found.root)
    }

    private static func open(_ path: String, _ owner: UInt32) throws(Failure) -> Descriptor {
        do {
            let file = try Descriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
            let status = try file.status(of: path)
            guard status.st_mode & S_IFMT == S_IFREG, status.st_uid == owner else { throw Failure.foreign }
            return file
        } catch let error as SystemError {
            throw .system(error.errno)
        } catch {
            throw .foreign
        }
    }

    /// The fields of a meta page: 16 bytes of page header, then magic, version, page size, flags, the root bucket's page
    /// and sequence, free list, high-water mark, transaction, and FNV-1a of all that.
    private static func meta(_ bytes: [UInt8]) -> (transaction: UInt64, root: UInt64, size: Int)? {
        guard bytes.count == 80, number(bytes, 16, 4) == magic, number(bytes, 20, 4) == 2 else { return nil }
        var sum: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes[16..<72] { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let size = number(bytes, 24, 4)
        guard sum == number(bytes, 72, 8), (1024...65_536).contains(size) else { return nil }
        return (number(bytes, 64, 8), number(bytes, 32, 8), Int(size))
    }

    /// The bucket that a path of names leads to; nil if one of them is not there.
    borrowing func bucket(_ names: [String]) throws(Failure) -> Bucket? {
        var bucket = Bucket.page(root)
        for name in names {
            guard let item = try find(name, in: bucket), item.isBucket else { return nil }
            bucket = try Self.bucket(Array(item.value))
        }
        return bucket
    }

    /// The value of a key; nil if it is not there or is a bucket.
    borrowing func value(_ key: String, in bucket: Bucket) throws(Failure) -> [UInt8]? {
        guard let item = try find(key, in: bucket), !item.isBucket else { return nil }
        return Array(item.value)
    }

    /// The keys and values of a bucket as text, without buckets in it, at most 1,024.
    borrowing func texts(in bucket: Bucket) throws(Failure) -> [String: String] {
        var found: [String: String] = [:]
        var pages = [try page(of: bucket)]
        var read = 1
        while let page = pages.popLast() {
            for element in 0..<page.count {
                let item = try page.item(element)
                if page.isLeaf {
                    guard found.count < Self.itemLimit else { return found }
                    if !item.isBucket {
                        found[String(decoding: item.key, as: UTF8.self)] = String(decoding: item.value, as: UTF8.self)
                    }
                } else {
                    read += 1
                    guard read <= Self.itemLimit else { throw .damaged }
                    pages.append(try self.page(item.child))
                }
            }
        }
        return found
    }

    private borrowing func find(_ key: String, in bucket: Bucket) throws(Failure) -> BoltPage.Item? {
        let wanted = Array(key.utf8)
        var page = try page(of: bucket)
        for _ in 0..<Self.depthLimit {
            guard page.count > 0 else { return nil }
            // The last element that is not greater than the key; a branch's first one also covers what is smaller.
            var low = 0
            var high = page.count
            while low < high {
                let middle = (low + high) / 2
                if try wanted.lexicographicallyPrecedes(page.item(middle).key) {
                    high = middle
                } else {
                    low = middle + 1
                }
            }
            let item = try page.item(max(0, low - 1))
            guard !page.isLeaf else { return item.key.elementsEqual(wanted) ? item : nil }
            page = try self.page(item.child)
        }
        throw .damaged
    }

    /// The value of a bucket's item: page and sequence of 8 bytes each, and the page itself if its number is 0.
    private static func bucket(_ value: [UInt8]) throws(Failure) -> Bucket {
        guard value.count >= 16 else { throw .damaged }
        let page = number(value, 0, 8)
        return page == 0 ? .inline(Array(value[16...])) : .page(page)
    }

    private borrowing func page(of bucket: Bucket) throws(Failure) -> BoltPage {
        switch bucket {
        case .page(let number): return try page(number)
        case .inline(let bytes): return try BoltPage(bytes)
        }
    }

    private borrowing func page(_ number: UInt64) throws(Failure) -> BoltPage {
        let (offset, overflows) = number.multipliedReportingOverflow(by: UInt64(pageSize))
        guard !overflows, number >= 2 else { throw .damaged }
        let head = try Self.bytes(file, path, at: offset, 16)
        let size = (Self.number(head, 12, 4) + 1) * UInt64(pageSize)
        guard Self.number(head, 0, 8) == number, size <= Self.pageLimit else { throw .damaged }
        return try BoltPage(Self.bytes(file, path, at: offset, Int(size)))
    }

    private static func bytes(
        _ file: borrowing Descriptor, _ path: String, at offset: UInt64, _ count: Int
    ) throws(Failure) -> [UInt8] {
        guard let position = off_t(exactly: offset), lseek(file.number, position, SEEK_SET) == position else {
            throw .damaged
        }
        do {
            let bytes = try file.read(upTo: count, from: path)
            guard bytes.count == count else { throw Failure.damaged }
            return bytes
        } catch let error as SystemError {
            throw .system(error.errno)
        } catch {
            throw .damaged
        }
    }

    /// A little-endian number of `width` bytes; bbolt writes the machine's order, and ours are little-endian.
    static func number(_ bytes: [UInt8], _ offset: Int, _ width: Int) -> UInt64 {
        bytes[offset..<(offset + width)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
