// SPDX-License-Identifier: Apache-2.0
import Control
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@Suite("Metrics", .serialized)
struct MetricsTests {
    @Test("text, labels and numbers are escaped as Prometheus wants them")
    func text() {
        var page = MetricsText()
        page.describe("ringfence_alerts_total", .counter, help: "Alerts,\nby \"rule\" \\ all")
        page.sample("ringfence_alerts_total", labels: ["rule": "a\"b\\c\nd", "x": "é"], UInt64.max)
        page.describe("ringfence_share", .gauge, help: "s")
        page.sample("ringfence_share", 0.5)
        page.sample("ringfence_share", labels: ["v": ""], Double.infinity)
        #expect(
            String(decoding: page.bytes, as: UTF8.self) == """
                # HELP ringfence_alerts_total Alerts,\\nby "rule" \\\\ all
                # TYPE ringfence_alerts_total counter
                ringfence_alerts_total{rule="a\\"b\\\\c\\nd",x="é"} 18446744073709551615
                # HELP ringfence_share s
                # TYPE ringfence_share gauge
                ringfence_share 0.5
                ringfence_share{v=""} +Inf

                """)
    }

    @Test(
        "only loopback addresses are taken",
        arguments: [
            ("127.0.0.1:9469", true), ("localhost:1", true), ("[::1]:80", true), ("0.0.0.0:9469", false),
            (":9469", false),
            ("192.168.1.1:80", false), ("[::]:80", false), ("127.0.0.1:99999", false), ("127.0.0.1", false),
        ])
    func loopback(_ text: String, _ isTaken: Bool) { #expect((LoopbackAddress(text) != nil) == isTaken) }

    private static func page() -> MetricsText {
        var page = MetricsText()
        page.describe("ringfence_test", .gauge, help: "test")
        page.sample("ringfence_test", labels: ["filler": String(repeating: "x", count: 300_000)], UInt64(7))
        return page
    }

    /// Serves until `body` holds.
    private static func serve(_ server: MetricsServer, until done: () -> Bool) throws -> Bool {
        Shell.eventually {
            server.serve(now: .now, page: page)
            return done()
        }
    }

    @Test("curl gets the page from the unix socket and from the port")
    func curl() throws {
        let path = "/tmp/ringfence-metrics-\(UInt64.random(in: .min ... .max))"
        let server = try MetricsServer(path: path, group: nil, address: LoopbackAddress(port: 0))
        let port = try #require(server.port)
        for words in [["--unix-socket", path, "http://localhost/metrics"], ["http://127.0.0.1:\(port)/metrics"]] {
            let output = path + ".out"
            defer { _ = unsafe unlink(output) }
            let request = ChildProcess.Request(
                arguments: ["curl", "-sf", "--noproxy", "*", "-m", "20", "-o", output] + words,
                environment: ["PATH=/usr/bin:/bin"])
            let child = try ChildProcess.start(request)
            var status: Int32?
            #expect(
                try Self.serve(server) {
                    status = status ?? child.endedExitCode()
                    return status != nil
                })
            #expect(status == 0)
            #expect(try FileBytes.read(output, limit: 1 << 20) == Self.page().bytes)
        }
        #expect(server.scrapes == 2)
    }

    @Test(
        "what is no request for the page is refused",
        arguments: [
            ("POST /metrics HTTP/1.1\r\n\r\n", "HTTP/1.0 405"), ("GET / HTTP/1.1\r\n\r\n", "HTTP/1.0 404"),
            ("rubbish\n\n", "HTTP/1.0 400"), ("GET /metrics HTTP/1.0\n\n", "HTTP/1.0 200"),
            (String(repeating: "x", count: 9000), "HTTP/1.0 431"),
        ])
    func refusals(_ request: String, _ status: String) throws {
        let path = "/tmp/ringfence-metrics-\(UInt64.random(in: .min ... .max))"
        let server = try MetricsServer(path: path, group: nil, address: nil)
        var client = try RawClient(path)
        try client.send(request)
        var ended = false
        _ = try Self.serve(server) {
            ended = (try? client.read(seconds: 0.001)) ?? true
            return ended
        }
        #expect(ended && client.text.hasPrefix(status), "\(client.text.prefix(100))")
    }

    @Test("clients that say nothing are closed in time, and those behind them are served")
    func silent() throws {
        let path = "/tmp/ringfence-metrics-\(UInt64.random(in: .min ... .max))"
        let server = try MetricsServer(path: path, group: nil, address: nil)
        var silent: [StreamSocketBox] = []
        for _ in 0..<40 { silent.append(StreamSocketBox(try StreamSocket(connecting: path))) }
        var client = try RawClient(path)
        try client.send("GET /metrics HTTP/1.0\r\n\r\n")
        var time = ContinuousClock.now
        let isServed = Shell.eventually {
            server.serve(now: time, page: Self.page)
            time += .seconds(1)
            return (try? client.read(seconds: 0.001)) ?? true
        }
        #expect(isServed && client.text.hasPrefix("HTTP/1.0 200"))
        #expect(silent.count == 40)
    }
}

private final class StreamSocketBox {
    let socket: StreamSocket
    init(_ socket: consuming StreamSocket) { self.socket = socket }
}
