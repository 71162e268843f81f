// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import Sensor
import TestSupport
import Testing

@Suite("Names of addresses", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct NameTests {
    private let fixture: SensorFixture
    /// Nobody else's, of loopback.
    private static let resolver = "127.0.0.99"
    private static let words = ["resolver=\(resolver)=53", "set=203.0.113.7=api.example.com"]

    init() throws { fixture = try Self.fixture() }

    private static func fixture(names: Bool = true) throws -> SensorFixture {
        try SensorFixture {
            // The root of the hierarchy that the test's cgroup is in.
            $0.network = try? TestCgroup().hierarchy.directory(of: "/")
            $0.peers = 1024
            $0.names = names
        }
    }

    private func run(_ words: String...) throws {
        let program = try #require(TestProgram.network.path, "cannot compile the test program")
        #expect(try fixture.cgroup.run([program] + Self.words + words) == 0)
        try fixture.drain()
    }

    private func packets() -> [DNSPacket] { fixture.records.compactMap { DNSPacket($0) } }

    /// What the records tell, in their order, as the daemon takes them.
    private func names(trusted: Bool = true) throws -> ResolvedNames {
        var names = ResolvedNames()
        for record in fixture.records {
            guard let packet = DNSPacket(record) else { continue }
            let message = try DNSMessage(packet.bytes, isCut: packet.isCut)
            if packet.isAnswer {
                _ = names.answered(message, packet.exchange, now: record.timeNanoseconds)
            } else {
                names.asked(message, packet.exchange, isTrusted: trusted, now: record.timeNanoseconds)
            }
        }
        return names
    }

    @Test("every program that reads names is attached")
    func programs() {
        #expect(fixture.sensor.readsNames, "\(fixture.sensor.programs.filter { $0.missing != nil })")
    }

    @Test("a query and its answer are read, before the contact that follows, and give the address its name")
    func answer() throws {
        try run("name=\(Self.resolver)=api.example.com=443")
        let packets = packets()
        #expect(packets.map(\.isAnswer) == [false, true])
        let query = try #require(packets.first)
        #expect(query.exchange == packets.last?.exchange && query.exchange.resolver.text == Self.resolver)
        #expect(query.exchange.isLoopback && query.exchange.port != 0 && !query.isCut && query.process != 0)
        #expect(try DNSMessage(query.bytes).question == DNSMessage.Question(name: "api.example.com", type: 1))
        let contact = try #require(fixture.records.last { $0.kind == .peer && $0.arguments[2] == 443 })
        let address = NetworkAddress(words: (contact.arguments[0], contact.arguments[1]))
        #expect(address.text == "203.0.113.7")
        #expect(try names().names(of: address, now: contact.timeNanoseconds) == ["api.example.com"])
        #expect(try names(trusted: false).names(of: address, now: contact.timeNanoseconds).isEmpty)
        let slot = try fixture.slot()
        let account = try #require(slot.accounts[.dns])
        #expect(account.produced == 2 && account.delivered == 2 && account.isBalanced, "\(account)")
        #expect(fixture.records.filter { $0.kind == .dns }.allSatisfy { $0.slot == slot.index })
    }

    @Test("an address that two names lead to has both")
    func twoNames() throws {
        let other = "cdn.example.net"
        try run(
            "set=203.0.113.7=\(other)", "name=\(Self.resolver)=\(other)=0", "name=\(Self.resolver)=api.example.com=443")
        let contact = try #require(fixture.records.last { $0.kind == .peer && $0.arguments[2] == 443 })
        let address = NetworkAddress(words: (contact.arguments[0], contact.arguments[1]))
        #expect(try names().names(of: address, now: contact.timeNanoseconds) == ["api.example.com", other])
    }

    @Test(
        "an answer with another identifier or question, or from another port or address, names nothing",
        arguments: [1, 2, 3, 4])
    func forged(kind: Int) throws {
        try run("forge=\(kind)=0", "name=\(Self.resolver)=api.example.com=443")
        // The program has connected to what it was told.
        let contact = try #require(fixture.records.last { $0.kind == .peer && $0.arguments[2] == 443 })
        #expect(packets().map(\.isAnswer) == (kind < 3 ? [false, true] : [false]))
        #expect(
            try names().names(
                of: NetworkAddress(words: (contact.arguments[0], contact.arguments[1])), now: contact.timeNanoseconds
            ).isEmpty)
    }

    @Test("IPv6 is read like IPv4, and what asks for no name is not read")
    func others() throws {
        try run("resolver=::1=53", "name=::1=api.example.com=443", "udp=127.0.0.1=53", "udp=127.0.0.1=9")
        #expect(packets().map(\.isAnswer) == [false, true])
        #expect(packets().allSatisfy { $0.exchange.resolver.text == "::1" })
        #expect(try names().counts.addresses == 1)
    }

    @Test("a flood is bounded by its budget, and every message is accounted for")
    func flood() throws {
        for _ in 0..<3 {
            let program = try #require(TestProgram.network.path)
            let asked = Array(repeating: "name=\(Self.resolver)=api.example.com=0", count: 150)
            #expect(try fixture.cgroup.run([program] + Self.words + asked) == 0)
        }
        try fixture.drain()
        let account = try #require(try fixture.slot().accounts[.dns])
        #expect(account.produced == 900 && account.isBalanced, "\(account)")
        #expect(account.delivered == UInt64(packets().count))
    }

    @Test("without names nothing of them is attached or read, and contacts are seen all the same")
    func off() throws {
        let fixture = try Self.fixture(names: false)
        let program = try #require(TestProgram.network.path)
        let words = Self.words + ["name=\(Self.resolver)=api.example.com=443"]
        #expect(try fixture.cgroup.run([program] + words) == 0)
        try fixture.drain()
        #expect(!fixture.sensor.readsNames && fixture.sensor.watchesPeers)
        #expect(!fixture.records.contains { $0.kind == .dns })
        #expect(fixture.records.contains { $0.kind == .peer && $0.arguments[2] == 443 })
    }
}
