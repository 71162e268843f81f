// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc
import Platform
import TestSupport
import Testing

@Suite("ProgramSink")
struct ProgramSinkTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func sink(_ script: String, queueLimit: Int = 1024) -> ProgramSink {
        ProgramSink(arguments: ["/bin/sh", "-c", script, "sh", directory.path], queueLimit: queueLimit)
    }

    private func received() -> [Alert?] {
        ((try? directory.bytes("out")) ?? []).split(separator: 0x0A).map { Alert(line: $0) }
    }

    @Test("a program gets one JSON line for each alert")
    func delivers() throws {
        let sink = sink("cat > $1/out")
        for number in 0..<20 { sink.deliver(sample("c\(number)"), line: try sample("c\(number)").line()) }
        sink.service(now: at(0))
        #expect(Shell.eventually { received().count == 20 })
        #expect(received().map { $0?.items.first?.item.name } == (0..<20).map { "c\($0)" })
        #expect(sink.counters.delivered == 20)
        let pid = try #require(sink.pid)
        sink.close(now: at(1))
        #expect(Shell.eventually { waitpid(pid, nil, WNOHANG) != 0 })
    }

    @Test("a program that never reads costs a bounded queue and no time, and is killed after a minute")
    func neverReads() throws {
        let sink = sink("sleep 1000", queueLimit: 20)
        let line = try sample().line()
        let start = ContinuousClock.now
        for number in 0..<3000 {
            sink.deliver(sample(), line: line)
            sink.service(now: at(Double(number) / 1000))
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        let counters = sink.counters
        #expect(counters.waiting == 20)
        #expect(counters.dropped > 0)
        #expect(counters.delivered + counters.dropped + UInt64(counters.waiting) == 3000)
        #expect(sink.interests.contains { $0.wantsWrite })
        let pid = try #require(sink.pid)
        sink.service(now: at(70))
        #expect(sink.stalls == 1)
        #expect(sink.pid == nil)
        #expect(Shell.eventually { kill(pid, 0) != 0 })
        #expect(sink.takeComplaint()?.contains("has not read for a minute") == true)
        sink.service(now: at(72))
        #expect(sink.starts == 2)
    }

    @Test("a program that dies is started again with back-off, and a line it had not read is given again")
    func dies() throws {
        let sink = sink("read line && echo \"$line\" >> $1/out; echo why >&2; exit 3")
        var second = 0.0
        for number in 0..<4 { sink.deliver(sample("c\(number)"), line: try sample("c\(number)").line()) }
        sink.service(now: at(0))
        #expect(
            Shell.eventually {
                second += 0.001; sink.service(now: at(second)); return sink.pid == nil
            })
        #expect(sink.counters.lastError?.contains("it said: why") == true)
        #expect(sink.counters.lastError?.contains("exit status 3") == true)
        #expect(sink.deadline ?? 0 > at(second).bootNanoseconds)
        sink.service(now: at(second))
        #expect(sink.starts == 1)
        // Each start takes what is in its pipe with it: what is delivered is what it was handed.
        second += 2
        sink.deliver(sample("last"), line: try sample("last").line())
        sink.service(now: at(second))
        #expect(sink.starts == 2)
        #expect(Shell.eventually { received().last??.items.first?.item.name == "last" })
    }

    @Test("back-off doubles up to a minute")
    func backsOff() throws {
        let sink = ProgramSink(arguments: ["/no/such/program"])
        var starts: [Int] = []
        for second in 0..<300 {
            let before = sink.counters.failed
            sink.service(now: at(Double(second)))
            if sink.counters.failed > before { starts.append(second) }
        }
        #expect(starts == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243])
        #expect(
            sink.takeComplaint()
                == "alerts to program /no/such/program wait: cannot start /no/such/program: No such file or directory")
        #expect(sink.takeComplaint() == nil)
    }

    @Test("a program that floods its standard error is read in bounds and still gets its lines")
    func floods() throws {
        let sink = sink("yes complaint >&2 & cat > $1/out")
        let line = try sample().line()
        sink.deliver(sample(), line: line)
        #expect(
            Shell.eventually {
                sink.service(now: at(0)); return received().count == 1 && sink.lastMessage == "complaint"
            })
        let pid = try #require(sink.pid)
        #expect(sink.counters.failed == 0)
        // Nothing of its group outlives it.
        #expect(kill(pid, SIGKILL) == 0)
        #expect(
            Shell.eventually {
                sink.service(now: at(0.1)); return sink.pid == nil
            })
        #expect(Shell.eventually { kill(-pid, 0) != 0 })
    }

    @Test("a program that closes its input is replaced, and its messages cannot forge a line")
    func closesInput() throws {
        let sink = sink("exec 0<&-; printf 'bad\\033[2J\\377' >&2; sleep 1000")
        let line = try sample().line()
        var second = 0.0
        #expect(
            Shell.eventually {
                second += 0.001
                sink.deliver(sample(), line: line)
                sink.service(now: at(second))
                return sink.counters.failed > 0
            })
        let error = try #require(sink.counters.lastError)
        #expect(error.contains("does not read any more"))
        #expect(error.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }

    @Test("deliveries to every sink do not wait for one of them")
    func fansOut() throws {
        let file = FileSink(path: directory.file("alerts.jsonl"))
        let program = sink("sleep 1000", queueLimit: 5)
        var sinks = AlertSinks([program, file])
        for number in 0..<200 {
            let alert = sample("c\(number)")
            #expect(try sinks.deliver(alert, now: at(0)) == alert.line())
        }
        #expect(file.counters.delivered == 200)
        #expect(!sinks.interests.isEmpty)
        #expect(sinks.takeComplaints().allSatisfy { $0.contains("too many") })
        let pid = try #require(program.pid)
        sinks.close(now: at(1))
        #expect(Shell.eventually { kill(-pid, 0) != 0 })
    }
}
