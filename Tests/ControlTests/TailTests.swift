// SPDX-License-Identifier: Apache-2.0
import Control
import Glibc
import Platform
import TestSupport
import Testing

@Suite("Tails", .serialized)
struct TailTests {
    private static func publish(_ range: Range<Int>, padding: Int, to fixture: ControlFixture) -> Duration? {
        fixture.onServer { server in
            ContinuousClock().measure {
                for number in range {
                    let text = "{\"n\":\(number),\"x\":\"\(String(repeating: "y", count: padding))\"}"
                    server.publish(Array(text.utf8), to: "alerts", now: .now)
                }
            }
        }
    }

    @Test("a slow reader loses its oldest lines, is told exactly how many and where, and a quick one loses none")
    func slowReader() throws {
        var limits = ControlServer.Limits()
        limits.tailLines = 100
        let fixture = try ControlFixture(limits: limits)
        defer { fixture.stop() }
        var slow = try ControlClient(path: fixture.path)
        try slow.follow(.alerts)
        #expect(try slow.next(within: .seconds(10)) == .line([0x30]))
        var quick = try ControlClient(path: fixture.path)
        try quick.follow(.alerts)
        #expect(try quick.next(within: .seconds(10)) == .line([0x30]))

        let total = 20_000
        var seenByQuick = 0
        for start in stride(from: 0, to: total, by: 50) {
            _ = Self.publish(start..<start + 50, padding: 100, to: fixture)
            for _ in 0..<50 {
                guard case .line(let bytes) = try quick.next(within: .seconds(10)) else { break }
                #expect(try JSONValue(parsing: bytes)["n"]?.integer == Int64(seenByQuick))
                seenByQuick += 1
            }
        }
        #expect(seenByQuick == total)

        _ = fixture.onServer { $0.endTails(now: .now) }
        var expected: Int64 = 0
        var lost: Int64 = 0
        var delivered = 0
        reading: while true {
            switch try slow.next(within: .seconds(10)) {
            case .line(let bytes):
                // Each line is the one that comes after what came and what was lost so far.
                let number = try #require(try JSONValue(parsing: bytes)["n"]?.integer)
                try #require(number == expected)
                expected += 1
                delivered += 1
            case .lost(let count):
                lost += count
                expected += count
            case .end: break reading
            case .quiet:
                Issue.record("the tail neither goes on nor ends")
                break reading
            }
        }
        #expect(expected == Int64(total))
        #expect(lost > 0 && Int64(delivered) + lost == Int64(total))
        #expect(delivered >= 100)
        #expect(fixture.onServer { $0.topics } == [])
    }

    @Test("a line longer than the bound is lost and counted")
    func hugeLine() throws {
        var limits = ControlServer.Limits()
        limits.tailBytes = 1000
        let fixture = try ControlFixture(limits: limits)
        defer { fixture.stop() }
        var client = try ControlClient(path: fixture.path)
        try client.follow(.alerts)
        #expect(try client.next(within: .seconds(10)) == .line([0x30]))
        _ = Self.publish(0..<2, padding: 2000, to: fixture)
        _ = Self.publish(2..<3, padding: 1, to: fixture)
        var lost: Int64 = 0
        var item = try client.next(within: .seconds(10))
        while case .lost(let count) = item {
            lost += count
            item = try client.next(within: .seconds(10))
        }
        #expect(lost == 2)
        #expect(item == .line(Array("{\"n\":2,\"x\":\"y\"}".utf8)))
    }

    @Test("a tail hears only what it asked for, and its end is seen when the client leaves")
    func filtered() throws {
        let fixture = try ControlFixture()
        defer { fixture.stop() }
        do {
            var client = try ControlClient(path: fixture.path)
            try client.follow(.alerts, ["severity": "critical"])
            #expect(try client.next(within: .seconds(10)) == .line([0x30]))
            _ = fixture.onServer { server in
                server.publish([0x31], to: "alerts", now: .now) { $0.arguments["severity"]?.text == "notice" }
                server.publish([0x32], to: "other", now: .now)
                server.publish(Array("[3,\n4]".utf8), to: "alerts", now: .now) {
                    $0.arguments["severity"]?.text == "critical"
                }
            }
            #expect(try client.next(within: .seconds(10)) == .line(Array("[3, 4]".utf8)))
            #expect(fixture.onServer { $0.topics } == ["alerts"])
        }
        #expect(Shell.eventually { fixture.onServer { $0.topics } == [] })
    }
}

@Suite("Control socket's place", .serialized)
struct ControlPlaceTests {
    private static func error(_ body: () throws -> Void) -> ControlError? {
        do {
            try body()
            return nil
        } catch { return error as? ControlError }
    }

    @Test("a second daemon is refused and the first one named; a dead one's socket is replaced")
    func places() throws {
        let fixture = try ControlFixture()
        let path = fixture.path
        let refusal = Self.error { _ = try ControlServer(path: path, group: nil) }
        #expect(refusal?.description.contains("another ringfenced runs, pid \(getpid());") == true, "\(refusal as Any)")
        // What a killed daemon leaves: a socket that nobody listens on.
        let stale = fixture.directory + "/stale"
        #expect(unsafe mkdir(stale, 0o750) == 0)
        #expect(unsafe rename(path, stale + "/control.sock") == 0)
        fixture.stop()
        defer {
            _ = unsafe unlink(stale + "/control.sock.lock")
            _ = unsafe rmdir(stale)
            _ = unsafe rmdir(fixture.directory)
        }
        let gone = Self.error { _ = try ControlClient(path: stale + "/control.sock") }
        #expect(gone?.exitCode == 69 && gone?.description.contains("systemctl start ringfenced") == true)
        do {
            let server = try ControlServer(path: stale + "/control.sock", group: "no-such-group-here")
            #expect(server.notes.first?.contains("no group no-such-group-here") == true)
            #expect((try? ControlClient(path: stale + "/control.sock")) != nil)
        }
        var status = stat()
        #expect(unsafe stat(stale + "/control.sock", &status) != 0, "the socket outlives the server")
    }

    @Test("a file that is no socket is never removed")
    func foreignFile() throws {
        let directory = "/tmp/ringfence-control-\(UInt64.random(in: .min ... .max))"
        #expect(unsafe mkdir(directory, 0o750) == 0)
        defer { for name in ["/a", "/a.lock"] { _ = unsafe unlink(directory + name) } }
        defer { _ = unsafe rmdir(directory) }
        try AtomicFile.write([0x61], to: directory + "/a")
        #expect(Self.error { _ = try ControlServer(path: directory + "/a", group: nil) }?.step == .listen)
        #expect(try FileBytes.read(directory + "/a", limit: 10) == [0x61])
    }

    @Test("no daemon is said so, with what to do")
    func noDaemon() {
        let error = Self.error { _ = try ControlClient(path: "/tmp/ringfence-none/control.sock") }
        #expect(
            error?.description
                == "cannot reach ringfenced at /tmp/ringfence-none/control.sock: no daemon listens there; "
                + "start it with systemctl start ringfenced")
    }

    @Test(
        "a user outside the group cannot connect; a member may read and not change",
        .enabled(if: geteuid() == 0, "becoming another user takes root"))
    func unprivileged() throws {
        let fixture = try ControlFixture(group: "nogroup")
        defer { fixture.stop() }
        var ask = try #require(UserIdentity("nobody"))
        #expect(try Self.perl(fixture.path, "ping", as: ask).contains("\"user\":\(ask.user)"))
        let change = try Self.perl(fixture.path, "profile.approve", as: ask)
        #expect(change.contains("may not ask for profile.approve") && change.contains("\"exitCode\":77"), "\(change)")
        #expect(fixture.onServer { $0.counters.deniedRequests } == 1)
        ask = try #require(UserIdentity("12345"))
        let outsider = UserIdentity("12345")
        #expect(try Self.perl(fixture.path, "ping", as: try #require(outsider)).contains("Permission denied"))
    }

    /// Asks one verb as another user, with a program that every Debian has.
    private static func perl(_ path: String, _ verb: String, as user: UserIdentity) throws -> String {
        let script = """
            use IO::Socket::UNIX; my ($path, $verb, $out) = @ARGV; open(my $file, '>', $out) or die;
            my $socket = IO::Socket::UNIX->new(Peer => $path);
            if (!$socket) { print $file "$!"; exit 0 }
            print $socket "{\\"v\\":1,\\"verb\\":\\"$verb\\"}\\n"; print $file scalar <$socket>;
            """
        let output = "/tmp/ringfence-perl-\(UInt64.random(in: .min ... .max))"
        defer { _ = unsafe unlink(output) }
        var request = ChildProcess.Request(
            arguments: ["perl", "-e", script, path, verb, output], environment: ["PATH=/usr/bin:/bin"])
        request.user = user
        let child = try ChildProcess.start(request)
        #expect(Shell.eventually { child.endedExitCode() == 0 })
        return String(decoding: try FileBytes.read(output, limit: 10_000), as: UTF8.self)
    }
}
