// SPDX-License-Identifier: Apache-2.0
import Control
import Glibc
import Platform
import TestSupport
import Testing

@Suite("Control socket", .serialized)
struct ControlSocketTests {
    @Test("an answer, a list and a refusal come back over one connection, in order")
    func answers() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var client = try ControlClient(path: fixture.path)
        #expect(try client.call(.status)["verb"]?.text == "status")
        #expect(
            throws: ControlError(
                .refused, "explain", reason: "there is no such alert", remedy: "look again", exitCode: 66)
        ) {
            try client.call(.explain, ["id": "x"])
        }
        try client.follow(.audit)
        var items: [ControlClient.Item] = []
        repeat { items.append(try client.next(within: .seconds(10))) } while items.last != .end && items.last != .quiet
        #expect(items == [.line([0x31]), .line([0x32]), .line([0x33]), .end])
        #expect(try client.call(.ping)["user"]?.integer == Int64(geteuid()))
    }

    @Test("the socket and its directory have the modes that keep others out")
    func modes() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var status = stat()
        #expect(unsafe stat(fixture.path, &status) == 0 && status.st_mode & 0o7777 == 0o660)
        #expect(unsafe stat(fixture.directory + "/run", &status) == 0 && status.st_mode & 0o7777 == 0o750)
    }

    @Test("a result of 5 MB reaches a client that reads it in its own time")
    func largeAnswer() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var client = try ControlClient(path: fixture.path)
        #expect(try client.call(.profileShow, ["size": 5_000_000]).text?.utf8.count == 5_000_000)
    }

    @Test("another version is refused with both versions named")
    func version() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var client = try RawClient(fixture.path)
        try client.send("{\"v\":2,\"verb\":\"status\"}\n")
        #expect(try client.read())
        #expect(client.text.contains("ringfence.control/v2") && client.text.contains("ringfence.control/v1"))
        #expect(client.text.contains("\"exitCode\":76"))
    }

    @Test(
        "nonsense is answered with an error and the connection closed",
        arguments: [
            "\u{1}\u{2}rubbish\n", "{\"v\":1\n", "[]\n", "{\"v\":1,\"verb\":\"fly\"}\n",
            "{\"v\":1,\"v\":1,\"verb\":\"status\"}\n",
            "{\"v\":1,\"verb\":\"status\",\"arguments\":[]}\n", String(repeating: "[", count: 60_000) + "\n",
            "{\"v\":1,\"verb\":\"\\ud800\"}\n", "{\"v\":01,\"verb\":\"status\"}\n",
        ])
    func nonsense(_ text: String) throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var client = try RawClient(fixture.path)
        try client.send(text)
        #expect(try client.read())
        #expect(client.text.hasPrefix("{\"error\":{\"exitCode\":76"), "\(client.text)")
    }

    @Test("a line of 10 MB is cut off at the limit, and the others are served")
    func hugeLine() throws {
        var limits = ControlServer.Limits()
        limits.administratorLineBytes = limits.lineBytes
        let fixture = try ControlFixture(limits: limits)
        defer { fixture.stop() }
        var client = try RawClient(fixture.path)
        try client.send([UInt8](repeating: 0x61, count: 10 << 20))
        _ = try? client.read()
        #expect(client.text.isEmpty || client.text.contains("longer than 65536 bytes"))
        #expect(fixture.onServer { $0.connectionCount } == 0)
        var other = try ControlClient(path: fixture.path)
        #expect(try other.call(.ping)["verb"]?.text == "ping")
    }

    @Test("an administrator's line may be as long as a profile")
    func longLine() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var client = try ControlClient(path: fixture.path)
        let long = String(repeating: "x", count: 4 << 20)
        #expect(try client.call(.ping, ["padding": .string(long)])["verb"]?.text == "ping")
    }

    @Test("a client that ends its side after asking still gets its answers")
    func halfClosed() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var client = try RawClient(fixture.path)
        try client.send(String(repeating: "{\"v\":1,\"verb\":\"ping\"}\n", count: 50))
        client.socket.endSending()
        #expect(try client.read())
        #expect(client.received.count { $0 == 0x0A } == 50)
    }

    @Test("a client that leaves in the middle of an answer leaves nothing behind")
    func leaves() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        for _ in 0..<10 {
            let client = try RawClient(fixture.path)
            try client.send("{\"v\":1,\"verb\":\"profile.show\",\"arguments\":{\"size\":700000}}\n")
            let answered = client.socket.wait(for: .read, upTo: .seconds(10))
            #expect(answered)
        }
        #expect(Shell.eventually { fixture.onServer { $0.connectionCount } == 0 })
    }

    @Test("3,000 connections are served or told that there is no place")
    func manyConnections() throws {
        var limits = ControlServer.Limits()
        limits.connections = 40
        let fixture = try ControlFixture(limits: limits)
        defer { fixture.stop() }
        var held: [ClientBox] = []
        for index in 0..<3000 {
            let client = try RawClient(fixture.path)
            if index % 10 == 0 { held.append(ClientBox(client)) }
            if held.count > 60 { held.removeFirst(30) }
        }
        let counters = try #require(fixture.onServer { $0.counters })
        #expect(Shell.eventually { fixture.onServer { $0.counters.accepted + $0.counters.refusedConnections } == 3000 })
        #expect(fixture.onServer { $0.connectionCount } ?? 99 <= 40)
        #expect(counters.acceptFailures == 0)
        held = []
        #expect(Shell.eventually { fixture.onServer { $0.connectionCount } == 0 })
        var other = try ControlClient(path: fixture.path)
        #expect(try other.call(.ping)["verb"]?.text == "ping")
    }

    @Test("a full house is told so")
    func fullHouse() throws {
        var limits = ControlServer.Limits()
        limits.connections = 1
        let fixture = try ControlFixture(limits: limits)
        defer { fixture.stop() }
        var first = try ControlClient(path: fixture.path)
        _ = try first.call(.ping)
        var second = try RawClient(fixture.path)
        #expect(try second.read())
        #expect(second.text.contains("has 1 clients already"))
    }

    @Test("a client that stands still is closed when its time is over, a tail is not")
    func idle() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        var tail = try ControlClient(path: fixture.path)
        try tail.follow(.alerts)
        #expect(try tail.next(within: .seconds(10)) == .line([0x30]))
        let still = try RawClient(fixture.path)
        try still.send("{\"v\":1,")
        #expect(Shell.eventually { fixture.onServer { $0.connectionCount } == 2 })
        let closed = fixture.onServer { server in
            server.serve(now: .now + .seconds(29), handler: ControlFixture.answer)
            let before = server.connectionCount
            server.serve(now: .now + .seconds(31), handler: ControlFixture.answer)
            return [before, server.connectionCount, Int(server.counters.idleClosed)]
        }
        #expect(closed == [2, 1, 1])
    }
}

private final class ClientBox {
    let client: RawClient
    init(_ client: consuming RawClient) { self.client = client }
}
