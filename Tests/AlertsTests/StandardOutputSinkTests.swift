// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc
import Platform
import Testing

@Suite("StandardOutputSink")
struct StandardOutputSinkTests {
    private struct Pipe: ~Copyable {
        let reading: Descriptor
        let writing: Descriptor

        init() {
            var ends: [CInt] = [-1, -1]
            // SAFETY: two descriptors are written into an array of two.
            #expect(unsafe pipe(&ends) == 0)
            reading = Descriptor(owning: ends[0])
            writing = Descriptor(owning: ends[1])
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        }

        func text() -> String {
            var chunk = [UInt8](repeating: 0, count: 1 << 20)
            // SAFETY: the pointer is into `chunk`, which outlives the call.
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(reading.number, $0.baseAddress, 1 << 20) }
            return String(decoding: chunk.prefix(max(0, count)), as: UTF8.self)
        }
    }

    @Test("lines carry the priority that journald reads, as text or JSON")
    func priorities() throws {
        let pipe = Pipe()
        for format in [StandardOutputSink.Format.compact, .json] {
            let sink = StandardOutputSink(number: pipe.writing.number, format: format)
            for severity in Severity.allCases {
                sink.deliver(sample(severity: severity), line: try sample(severity: severity).line())
            }
            sink.service(now: at(0))
            let lines = pipe.text().split(separator: "\n")
            #expect(lines.map { $0.prefix(3) } == ["<5>", "<4>", "<2>"])
            #expect(lines.allSatisfy { $0.contains("ptrace") })
            #expect(
                lines.map { Alert(line: Array($0.utf8.dropFirst(3))) != nil }
                    == .init(repeating: format == .json, count: 3))
        }
    }

    @Test("a reader that rests costs a bounded queue; no line is cut when it goes on")
    func restingReader() throws {
        let pipe = Pipe()
        let sink = StandardOutputSink(number: pipe.writing.number, format: .json, hasPrefix: false, queueLimit: 10)
        for number in 0..<500 {
            let alert = sample("c\(number)")
            sink.deliver(alert, line: try alert.line())
            sink.service(now: at(0))
        }
        #expect(sink.counters.waiting == 10)
        #expect(sink.counters.dropped > 0)
        #expect(sink.interests.count == 1)
        var text = ""
        for _ in 0..<100 {
            text += pipe.text()
            sink.service(now: at(1))
        }
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { Alert(line: Array($0.utf8)) != nil })
        #expect(UInt64(lines.count) == sink.counters.delivered)
        #expect(sink.counters.delivered + sink.counters.dropped == 500)
        // The pipe of whoever shares it still blocks, as it did.
        #expect(fcntl(pipe.writing.number, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test("a reader that has gone ends neither the process nor the queue")
    func goneReader() throws {
        var ends: [CInt] = [-1, -1]
        // SAFETY: two descriptors are written into an array of two.
        #expect(unsafe pipe(&ends) == 0)
        let writing = Descriptor(owning: ends[1])
        let sink = StandardOutputSink(number: writing.number)
        sink.deliver(sample(), line: try sample().line())
        sink.service(now: at(0))
        close(ends[0])
        sink.deliver(sample(), line: try sample().line())
        sink.service(now: at(1))
        #expect(sink.counters.delivered == 1)
        #expect(sink.counters.waiting == 1)
        #expect(sink.takeComplaint()?.contains("Broken pipe") == true)
    }

    @Test("a socket, as journald's, is written to without waiting")
    func socket() throws {
        var ends: [CInt] = [-1, -1]
        // SAFETY: two descriptors are written into an array of two.
        #expect(unsafe socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let writing = Descriptor(owning: ends[1])
        let sink = StandardOutputSink(number: writing.number, queueLimit: 5)
        for _ in 0..<3000 {
            sink.deliver(sample(), line: [])
            sink.service(now: at(0))
        }
        #expect(sink.counters.delivered > 0)
        #expect(sink.counters.waiting == 5)
        close(ends[0])
    }
}
