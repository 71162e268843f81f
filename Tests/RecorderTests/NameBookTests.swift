// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Profiles
@testable import Recorder

@Suite("Configured resolvers")
struct ResolverFileTests {
    private func addresses(_ text: String) -> [String] { ResolverFile.parse(text).map(\.text).sorted() }

    @Test("nameservers are read as resolv.conf(5) says, and nothing else")
    func parse() {
        #expect(
            addresses("# x\nnameserver 192.0.2.53\n nameserver\t2001:db8::53%eth0 # y\nsearch a\noptions ndots:5\n")
                == ["192.0.2.53", "2001:db8::53"])
        #expect(addresses("") == ["127.0.0.1", "::1"], "resolv.conf(5): without any it is the machine itself")
        #expect(addresses("nameserver\nnameserver x\nnameserverx 192.0.2.1\n;nameserver 192.0.2.1").count == 2)
        #expect(addresses("nameserver 0.0.0.0") == ["127.0.0.1"])
        #expect(
            ResolverFile.parse((0..<99).map { "nameserver 192.0.2.\($0)\n" }.joined()).count == ResolverFile.limit)
    }

    @Test("a link of the container's stays in the container, and what is no file is not waited for")
    func hostile() throws {
        let workspace = try Workspace()
        let etc = workspace.file("proc/7/root/etc")
        try FileManager.default.createDirectory(atPath: etc, withIntermediateDirectories: true)
        func resolvers() -> [String]? {
            ResolverFile.resolvers(ofProcess: 7, procfs: workspace.file("proc"))?.map(\.text).sorted()
        }
        let local = ["127.0.0.1", "::1"]
        #expect(resolvers() == local)
        try workspace.write("nameserver 192.0.2.66\n", to: "secret")
        for target in [workspace.file("secret"), "../../../../../secret", "../../../../secret"] {
            #expect(unsafe symlink(target, "\(etc)/resolv.conf") == 0)
            #expect(resolvers() == local, "\(target)")
            _ = unsafe unlink("\(etc)/resolv.conf")
        }
        try FileManager.default.createDirectory(
            atPath: workspace.file("proc/7/root/run"), withIntermediateDirectories: true)
        try workspace.write("nameserver 192.0.2.53\n", to: "proc/7/root/run/stub")
        #expect(unsafe symlink("/run/stub", "\(etc)/resolv.conf") == 0)
        #expect(resolvers() == ["192.0.2.53"], "an absolute link is one of the container's")
        _ = unsafe unlink("\(etc)/resolv.conf")
        #expect(unsafe mkfifo("\(etc)/resolv.conf", 0o600) == 0)
        #expect(resolvers() == nil)
        #expect(ResolverFile.resolvers(ofProcess: 8, procfs: workspace.file("proc")) == nil, "the process is gone")
    }
}

@Suite("Book of names")
struct NameBookTests {
    private static let second: UInt64 = 1_000_000_000

    /// A query for `name`, or the answer that says 203.0.113.7, or another address of that network.
    private func message(_ name: [UInt8], isAnswer: Bool, host: UInt8 = 7) -> [UInt8] {
        let question = [UInt8(name.count)] + name + [0, 0, 1, 0, 1]
        guard isAnswer else { return [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + question }
        return [0, 7, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question
            + [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 203, 0, 113, host]
    }

    private func record(
        _ message: [UInt8], isAnswer: Bool, at seconds: UInt64, resolver: String = "192.0.2.53", cgroup: UInt64 = 5
    ) throws -> Record {
        let address = try #require(NetworkAddress(resolver))
        var raw = rf_record()
        raw.kind = UInt32(RF_KIND_DNS)
        raw.cgroup_id = cgroup
        raw.time_ns = seconds * Self.second
        raw.tgid = 9
        raw.number = Int64(message.count)
        raw.args = (address.high.bigEndian, address.low.bigEndian, 40_000, isAnswer ? 1 : 0, 0, 0)
        raw.ancestor_count = message.count > 256 ? 8 : 0
        unsafe withUnsafeMutableBytes(of: &raw) { bytes in
            unsafe bytes.copyBytes(from: message.prefix(256))
            let tail = message.dropFirst(256).prefix(256)
            unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[(bytes.count - 256)...]).copyBytes(from: tail)
        }
        let record = unsafe withUnsafePointer(to: raw) { Record(copying: $0) }
        return try #require(record)
    }

    /// Has a cgroup ask for a name, and be answered.
    private func find(
        _ name: String, _ book: NameBook, at seconds: UInt64, host: UInt8 = 7, cgroup: UInt64 = 5
    ) throws {
        let name = Array(name.utf8)
        book.take(try record(message(name, isAnswer: false), isAnswer: false, at: seconds, cgroup: cgroup))
        book.take(try record(message(name, isAnswer: true, host: host), isAnswer: true, at: seconds, cgroup: cgroup))
    }

    private func book(limit: Int = NameBook.limit) -> NameBook {
        NameBook(nil, nil, limit: limit) { _ in Set([NetworkAddress(ipv4: 0xC000_0235)]) }
    }

    private let address = NetworkAddress("203.0.113.7")

    @Test("an answer to a query to a configured resolver names an address, in its own cgroup, from then on")
    func named() throws {
        let book = NameBook(nil, nil) { $0 == 9 ? Set([NetworkAddress(ipv4: 0xC000_0235)]) : nil }
        book.take(try record(message(Array("db".utf8), isAnswer: false), isAnswer: false, at: 10))
        book.take(try record(message(Array("db".utf8), isAnswer: true), isAnswer: true, at: 11))
        #expect(book.hosts(5, address, at: [12 * Self.second]) == ["db"])
        #expect(book.hosts(5, address, at: [10 * Self.second]).isEmpty)
        #expect(book.hosts(6, address, at: [12 * Self.second]).isEmpty)
        #expect(book.counters == NameBook.Counters(answers: 1, addresses: 1))
        // The same again was not asked for.
        book.take(try record(message(Array("db".utf8), isAnswer: true), isAnswer: true, at: 12))
        #expect(book.counters.unaskedAnswers == 1)
        book.keep([6])
        #expect(book.hosts(5, address, at: [12 * Self.second]).isEmpty)
    }

    @Test("who asks another resolver learns no name, and a changed file is read again, not at once")
    func foreign() throws {
        let configured = Mutex("192.0.2.1")
        let book = NameBook(nil, nil) { _ in Set([configured.withLock { $0 }].compactMap { NetworkAddress($0) }) }
        func isNamed(at seconds: UInt64) throws -> Bool {
            book.take(try record(message(Array("db".utf8), isAnswer: false), isAnswer: false, at: seconds))
            book.take(try record(message(Array("db".utf8), isAnswer: true), isAnswer: true, at: seconds))
            return !book.hosts(5, address, at: [seconds * Self.second]).isEmpty
        }
        #expect(try !isNamed(at: 10))
        configured.withLock { $0 = "192.0.2.53" }
        #expect(try !isNamed(at: 11))
        #expect(book.counters.foreignQueries == 2 && book.counters.unaskedAnswers == 2)
        #expect(try isNamed(at: 21))
    }

    @Test("where who asked is gone, the resolvers of whoever stands in for it count, and of nobody else")
    func standIn() throws {
        for standIn in [10, nil] as [UInt32?] {
            let book = NameBook(nil, nil, standIn: standIn) {
                $0 == 10 ? Set([NetworkAddress(ipv4: 0xC000_0235)]) : nil
            }
            try find("db", book, at: 10)
            #expect(book.hosts(5, address, at: [11 * Self.second]) == (standIn == nil ? [] : ["db"]))
        }
    }

    @Test(
        "a peer is learned under every name that its address had when it was contacted, and by the address without one")
    func everyName() throws {
        let book = book()
        for (name, seconds) in [("web", 10), ("cdn", 11), ("late", 40)] { try find(name, book, at: UInt64(seconds)) }
        let address = try #require(address)
        func names(first: UInt64, last: UInt64, since: UInt64 = 0, cgroup: UInt64 = 5) throws -> [String] {
            var (key, facts) = (rf_peer_key(), rf_peer_facts())
            key.address = (address.high.bigEndian, address.low.bigEndian)
            key.kind = UInt8(RF_PEER_CONNECT)
            key.protocol = 6
            key.port = 443
            (facts.first_ns, facts.last_ns) = (first * Self.second, last * Self.second)
            let peer = try #require(PeerSnapshot(key: key, value: facts))
            return PeerName.all(peer, since: since * Self.second, book.names(of: [cgroup])[cgroup]).map(\.text)
        }
        let both = ["connect/tcp/cdn:443", "connect/tcp/web:443"]
        #expect(try names(first: 20, last: 20) == both)
        #expect(try names(first: 20, last: 50) == ["connect/tcp/cdn:443", "connect/tcp/late:443", both[1]])
        // The names of its first contact are over by its last, and belong to the epoch in which that was.
        #expect(try names(first: 20, last: 3630) == ["connect/tcp/cdn:443", "connect/tcp/late:443", both[1]])
        #expect(try names(first: 20, last: 3630, since: 30) == ["connect/tcp/late:443"])
        let unnamed = ["connect/tcp/203.0.113.7:443"]
        #expect(try names(first: 5, last: 5) == unnamed && names(first: 20, last: 20, cgroup: 6) == unnamed)
        // Whoever shares servers has many, and as many of them are learned as are kept.
        for number in 0..<20 { try find("n\(number)", book, at: 60) }
        #expect(try names(first: 70, last: 70).count == ResolvedNames.nameLimit)
    }

    @Test("a name with any address is expected where DNS answered it to this container, and nowhere else")
    func anyAddress() throws {
        let matcher = PeerMatcher(
            isOpen: false, allowed: ["peers/connect/tcp/cdn:443"], refused: [], addresses: ["cdn": [HostAddresses.any]])
        let book = book()
        try find("cdn", book, at: 10)
        try find("other", book, at: 10, host: 8)
        func judge(_ host: Int, cgroup: UInt64 = 5, at seconds: UInt64 = 20) throws -> PeerMatcher.Judgement {
            let name = try #require(PeerName("connect/tcp/203.0.113.\(host):443"))
            return matcher.judge(name, hosts: book.hosts(cgroup, name.address, at: [seconds * Self.second]))
        }
        #expect(try judge(7) == .expected)
        #expect(try judge(8) == .unexpected, "DNS gave it another name")
        #expect(try judge(9) == .unexpected, "DNS gave it none")
        #expect(try judge(7, cgroup: 6) == .unexpected, "DNS answered another container")
        #expect(try judge(7, at: 9) == .unexpected, "it was contacted before that")
        #expect(try judge(7, at: 3_611) == .unexpected, "the answer is over")
    }

    @Test("beyond the bound over all cgroups the one with the most loses its oldest names, and no other loses any")
    func bound() throws {
        let book = book(limit: 20)
        try find("quiet", book, at: 1, host: 1, cgroup: 6)
        for number in 1...60 { try find("n\(number)", book, at: UInt64(number) + 1, host: UInt8(number)) }
        func isKnown(_ host: Int, _ cgroup: UInt64) -> Bool {
            !book.hosts(cgroup, NetworkAddress("203.0.113.\(host)"), at: [100 * Self.second]).isEmpty
        }
        #expect(isKnown(1, 6))
        let known = (1...60).filter { isKnown($0, 5) }
        #expect((9...19).contains(known.count) && known == Array((61 - known.count)...60), "\(known)")
        #expect(book.counters.lost == UInt64(60 - known.count) && book.counters.addresses == known.count + 1)
        // Queries that nobody answers take their room, too, and give it back.
        for number in 0..<60 {
            let query = message(Array("q\(number)".utf8), isAnswer: false)
            book.take(try record(query, isAnswer: false, at: 200 + UInt64(number), cgroup: 7))
        }
        #expect(isKnown(1, 6) && isKnown(60, 5))
        book.keep([6])
        for number in 1...19 { try find("m\(number)", book, at: 300, host: UInt8(number), cgroup: 8) }
        #expect(
            (1...19).allSatisfy { !book.hosts(8, NetworkAddress("203.0.113.\($0)"), at: [301 * Self.second]).isEmpty })
    }

    @Test("a name of any bytes, and a message that is none, is counted and names nothing")
    func hostile() throws {
        let book = NameBook(nil, nil) { _ in Set([NetworkAddress(ipv4: 0xC000_0235)]) }
        for first in stride(from: 0, to: 256, by: 32) {
            let name = (first..<first + 32).map { UInt8($0) }
            book.take(try record(message(name, isAnswer: false), isAnswer: false, at: 10))
            book.take(try record(message(name, isAnswer: true), isAnswer: true, at: 10))
        }
        #expect(book.hosts(5, address, at: [11 * Self.second]).isEmpty && book.counters.answers == 8)
        book.take(try record([1, 2, 3], isAnswer: true, at: 11))
        book.take(try record([UInt8](repeating: 0xC0, count: 512), isAnswer: false, at: 11))
        // What says of itself that it is an answer, sent by the container.
        book.take(try record(message(Array("db".utf8), isAnswer: true), isAnswer: false, at: 11))
        #expect(book.counters.malformed == 3)
    }
}
