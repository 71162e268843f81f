// SPDX-License-Identifier: Apache-2.0
import CEvents
import Containers
import Events
import Glibc
import Sensor
import TestSupport
import Testing

@Suite("Network addresses", .tags(.kernel), .serialized, .enabled(if: isRoot, needsRoot))
struct NetworkTests {
    private let fixture: SensorFixture

    init() throws {
        fixture = try SensorFixture {
            // The root of the hierarchy that the test's cgroup is in.
            $0.network = try? TestCgroup().hierarchy.directory(of: "/")
            $0.peers = 4096
        }
    }

    private func peers(_ kind: PeerSnapshot.Kind) throws -> [PeerSnapshot] {
        let slot = try fixture.slot().index
        return fixture.sensor.peers().filter { $0.slot == slot && $0.kind == kind }
    }

    private func peer(_ kind: PeerSnapshot.Kind, _ address: String, _ port: UInt16) throws -> PeerSnapshot? {
        let address = try #require(NetworkAddress(address))
        return try peers(kind).first { $0.address == address && $0.port == port }
    }

    private func run(_ words: String...) throws {
        let program = try #require(TestProgram.network.path, "cannot compile the test program")
        #expect(try fixture.cgroup.run([program] + words) == 0)
        try fixture.drain()
    }

    @Test("every program that watches addresses is attached, or the kernel is too old for it")
    func programs() {
        let missing = fixture.sensor.programs.filter { $0.missing != nil }.map(\.program)
        #expect(missing.allSatisfy { $0 == .connectUnix || $0 == .capable }, "\(missing)")
    }

    @Test("a connection's peer is kept, and told from IPv4, IPv6 and IPv4 in IPv6", .timeLimit(.minutes(2)))
    func connections() throws {
        try run("tcp=127.0.0.1=1", "tcp=::1=2", "tcp=::ffff:127.0.0.1=3", "hasty=127.0.0.1=4", "tcp=127.0.0.1=1")
        let first = try #require(try peer(.connect, "127.0.0.1", 1))
        #expect(first.count == 2 && first.transport == 6 && !first.isOutsider && first.established == 0)
        #expect(first.refused == 2, "nobody listens there")
        #expect(try peer(.connect, "::1", 2)?.count == 1)
        #expect(try peer(.connect, "127.0.0.1", 3)?.count == 1, "an IPv4 address in another dress")
        #expect(try peer(.connect, "127.0.0.1", 4)?.count == 1)
        #expect(try peers(.connect).count == 4)
        let told = fixture.records.filter { $0.kind == .peer }
        #expect(told.count == 4)
        let record = try #require(told.first { $0.arguments[2] == 1 })
        #expect(record.timeNanoseconds == first.firstNanoseconds && record.path == TestProgram.network.path)
        #expect(record.arguments[3] == 6 && record.ancestors.first?.pid == UInt32(getpid()))
        #expect(NetworkAddress(words: (record.arguments[0], record.arguments[1])).text == "127.0.0.1")
        #expect(fixture.sensor.sub(at: first.sub)?.path == TestProgram.network.path)
    }

    @Test("a destination that no route leads to is kept, too")
    func unreachable() throws {
        let program = try #require(TestProgram.network.path)
        let words = ["unshare", "--net", program, "tcp=192.0.2.1=80", "udp=192.0.2.1=53", "udp=2001:db8::1=53"]
        #expect(try fixture.cgroup.run(words) == 0)
        let peer = try #require(try peer(.connect, "192.0.2.1", 80))
        #expect(peer.count == 1 && peer.established == 0 && peer.failed == 0, "it never became a packet")
        #expect(try self.peer(.send, "192.0.2.1", 53)?.count == 1)
        #expect(try self.peer(.send, "2001:db8::1", 53)?.count == 1)
    }

    @Test("datagrams are kept, by sockets that are connected and not")
    func datagrams() throws {
        try run("udp=127.0.0.1=5001", "chosen=127.0.0.1=5002", "udp=::1=5003", "udp=127.0.0.1=5001")
        #expect(try peer(.send, "127.0.0.1", 5001)?.count == 2)
        #expect(try peer(.send, "127.0.0.1", 5002)?.transport == 17)
        #expect(try peer(.send, "::1", 5003)?.count == 1)
        #expect(try peers(.connect).isEmpty && peers(.listen).isEmpty)
    }

    @Test("what a datagram server answers is no contact of its own, and what it sends elsewhere is")
    func answers() throws {
        try run("reply=127.0.0.1=5019", "reply=::1=5021")
        let ports = try peers(.send).map(\.port).sorted()
        // The clients' questions, and what the servers sent to nobody who had asked.
        #expect(ports == [5019, 5020, 5021, 5022], "\(ports)")
    }

    @Test("listeners are kept, with whether others can reach them and how many were accepted")
    func listeners() throws {
        try run("listen=0.0.0.0=5017", "listen=127.0.0.1=5018", "listen=::=5019", "bind=127.0.0.1=5020")
        let open = try #require(try peer(.listen, "::", 5017))
        #expect(open.transport == 6 && open.established == 1 && open.count == 1)
        #expect(try peer(.listen, "::1", 5018)?.established == 1)
        #expect(try peer(.listen, "::", 5019)?.count == 1)
        #expect(try peer(.listen, "::1", 5020)?.transport == 17)
        #expect(try peer(.connect, "127.0.0.1", 5018)?.established == 1)
        // A port of the kernel's choice is another one each time.
        try run("listen=127.0.0.1=0")
        #expect(try peer(.listen, "::1", 0)?.established == 1)
        #expect(try peers(.listen).count == 5)
    }

    @Test("a connection that is made through io_uring is kept")
    func ring() throws {
        try run("ring=127.0.0.1=5031")
        #expect(try peer(.connect, "127.0.0.1", 5031)?.count == 1)
    }

    @Test("a unix socket is kept by its name, abstract ones with an @")
    func unixSockets() throws {
        guard !fixture.sensor.programs.contains(where: { $0.program == .connectUnix && $0.missing != nil }) else {
            return #expect(fixture.sensor.peers().isEmpty)
        }
        try run("unix=/run/docker.sock", "unix=@ringfence test", "unix=/run/docker.sock")
        #expect(try Set(peers(.unix).map(\.name)) == ["/run/docker.sock", "@ringfence test"])
        #expect(try peers(.unix).first { $0.name == "/run/docker.sock" }?.count == 2)
    }

    @Test("an address that another thread writes over while it is used is kept as the kernel used it")
    func racing() throws {
        try run("racing=127.0.0.1=5040")
        let seen = try peers(.send)
        #expect(seen.reduce(0) { $0 + $1.count } == 2000)
        #expect(seen.allSatisfy { $0.port == 5040 })
        #expect(Set(seen.map(\.address.text)).isSubset(of: ["127.0.0.1", "192.0.2.66"]))
    }

    @Test("more peers than a cgroup may have are counted, and cost another cgroup nothing")
    func flood() throws {
        try run("spread=127.0.0.1=5000")
        let slot = try fixture.slot()
        #expect(slot.peers == UInt32(RF_PEERS_PER_SLOT))
        #expect(slot.lostPeers == 5000 - UInt64(RF_PEERS_PER_SLOT))
        #expect(try peers(.send).count == Int(RF_PEERS_PER_SLOT))
        let account = try #require(slot.accounts[.peer])
        #expect(account.isBalanced && account.produced == UInt64(RF_PEERS_PER_SLOT) && account.suppressed > 0)
        let quiet = try TestCgroup(below: fixture.cgroup)
        let program = try #require(TestProgram.network.path)
        try quiet.run([program, "udp=127.0.0.1=7"])
        let own = try #require(fixture.sensor.slots.first { $0.cgroupID == quiet.id })
        #expect(fixture.sensor.peers().contains { $0.slot == own.index && $0.port == 7 })
    }
}
