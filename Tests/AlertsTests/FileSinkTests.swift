// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

@Suite("FileSink")
struct FileSinkTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("alerts.jsonl")
    }

    private func deliver(_ alert: Alert, to sink: FileSink, at seconds: Double) throws {
        sink.deliver(alert, line: try alert.line())
        sink.service(now: at(seconds))
    }

    private func alerts(_ name: String = "alerts.jsonl") throws -> [Alert?] {
        try directory.bytes(name).split(separator: 0x0A).map { Alert(line: $0) }
    }

    @Test("an alert is in the file when service returns, and the file is not for everybody")
    func writes() throws {
        let sink = FileSink(path: path)
        try deliver(sample(), to: sink, at: 0)
        #expect(try alerts() == [sample()])
        #expect(sink.counters.delivered == 1)
        #expect(sink.counters.waiting == 0)
        #expect(try mode() & 0o007 == 0)
        // Flushed at once, and then once a second.
        #expect(sink.deadline == nil)
        try deliver(sample(), to: sink, at: 0.5)
        #expect(sink.deadline == at(1).bootNanoseconds)
        sink.service(now: at(1))
        #expect(sink.deadline == nil)
    }

    @Test("what waits after a failure is written when the sink is closed, although it was not due yet")
    func closes() throws {
        let late = directory.file("late")
        let sink = FileSink(path: late + "/alerts.jsonl")
        try deliver(sample(), to: sink, at: 0)
        #expect(sink.counters.delivered == 0 && sink.counters.waiting == 1)
        try FileManager.default.createDirectory(atPath: late, withIntermediateDirectories: true)
        sink.service(now: at(0.001))
        #expect(sink.counters.delivered == 0, "it waits for its time")
        sink.close(now: at(0.002))
        #expect(try alerts("late/alerts.jsonl") == [sample()])
        #expect(sink.counters.delivered == 1 && sink.counters.waiting == 0)
    }

    private func mode() throws -> mode_t {
        try Descriptor(opening: path, O_RDONLY).status(of: path).st_mode
    }

    @Test("files are rotated by size, so many are kept, and no alert is lost between them")
    func rotatesBySize() throws {
        var rotation = FileSink.Rotation()
        rotation.bytes = 4 * (try sample("c10").line().count)
        rotation.kept = 3
        let sink = FileSink(path: path, rotation: rotation)
        for number in 0..<14 { try deliver(sample("c\(number + 10)"), to: sink, at: Double(number)) }
        let names = ["alerts.jsonl", "alerts.jsonl.1", "alerts.jsonl.2", "alerts.jsonl.3"]
        #expect(try directory.names() == names)
        let kept = try names.reversed().flatMap { try alerts($0) }.map { $0?.items.first?.item.name }
        #expect(kept == (0..<14).map { "c\($0 + 10)" })
        for number in 14..<22 { try deliver(sample("c\(number + 10)"), to: sink, at: Double(number)) }
        #expect(try directory.names() == names)
        #expect(sink.counters.delivered == 22)
    }

    @Test("a file is rotated by the age of its first alert, also across a restart, and a clock set back does no harm")
    func rotatesByAge() throws {
        var rotation = FileSink.Rotation()
        rotation.seconds = 100
        try deliver(sample("a", at: 0), to: FileSink(path: path, rotation: rotation), at: 0)
        let sink = FileSink(path: path, rotation: rotation)
        try deliver(sample("b", at: 50), to: sink, at: 50)
        #expect(try directory.names() == ["alerts.jsonl"])
        try deliver(sample("c", at: 101), to: sink, at: 101)
        #expect(try directory.names() == ["alerts.jsonl", "alerts.jsonl.1"])
        #expect(try alerts("alerts.jsonl.1").map { $0?.items.first?.item.name } == ["a", "b"])
        var back = at(102)
        back.wall = WallTime(milliseconds: 0)
        sink.deliver(sample("d"), line: try sample("d").line())
        sink.service(now: back)
        #expect(try alerts().map { $0?.items.first?.item.name } == ["c", "d"])
    }

    @Test("a torn last line is ended, and what follows is whole")
    func tornEnd() throws {
        let line = try sample().line()
        for cut in [1, line.count / 2, line.count - 1] {
            try directory.write(line + line.prefix(cut), to: "alerts.jsonl")
            try deliver(sample("later"), to: FileSink(path: path), at: 0)
            let lines = try directory.bytes("alerts.jsonl").split(separator: 0x0A)
            #expect(lines.count == 3)
            #expect(lines[1].elementsEqual(line.prefix(cut)))
            #expect(Alert(line: lines[2]) == sample("later"))
        }
    }

    @Test("a file that somebody moved away is begun anew")
    func movedAway() throws {
        let sink = FileSink(path: path)
        try deliver(sample("a"), to: sink, at: 0)
        try FileTree.rename(path, to: directory.file("elsewhere"))
        try deliver(sample("b"), to: sink, at: 1)
        #expect(try alerts().map { $0?.items.first?.item.name } == ["b"])
        #expect(try alerts("elsewhere").map { $0?.items.first?.item.name } == ["a"])
    }

    @Test("a FIFO, a link or a directory in its place is refused without waiting, counted and said once")
    func refusesSpecial() throws {
        for kind in 0..<3 {
            let path = directory.file("special\(kind)")
            switch kind {
            case 0: #expect(unsafe mkfifo(path, 0o600) == 0)
            case 1: #expect(unsafe symlink("/dev/null", path) == 0)
            default: #expect(unsafe mkdir(path, 0o700) == 0)
            }
            let sink = FileSink(path: path)
            for seconds in 0..<100 { try deliver(sample(), to: sink, at: Double(seconds)) }
            #expect(sink.counters.delivered == 0)
            #expect(sink.counters.waiting == 100)
            #expect(sink.counters.failed == 7)
            #expect(sink.takeComplaint()?.contains(path) == true)
            #expect(sink.takeComplaint() == nil)
        }
    }

    @Test("a flood of notices pushes no critical alert out of a full queue, and every alert is accounted for")
    func fullQueue() throws {
        let sink = FileSink(path: directory.file("none/alerts.jsonl"), queueLimit: 50)
        try deliver(sample("critical", severity: .critical), to: sink, at: 0)
        for number in 0..<500 { try deliver(sample("n\(number)", severity: .notice), to: sink, at: 0) }
        #expect(sink.counters.waiting == 50)
        #expect(sink.counters.dropped == 451)
        try FileTree.makeDirectory(directory.file("none"))
        sink.service(now: at(100))
        #expect(sink.counters.delivered == 50)
        let names = try alerts("none/alerts.jsonl").map { $0?.items.first?.item.name }
        #expect(names.first == "critical")
        #expect(names.last == "n499")
    }

    @Test(
        "a full disk leaves no torn line; what waited is written when there is room",
        .enabled(if: geteuid() == 0, "mounts a file system"))
    func fullDisk() throws {
        try #require(directory.mount("size=160k"))
        let sink = FileSink(path: path)
        try directory.write([UInt8](repeating: 0, count: 120 * 1024), to: "ballast")
        for number in 0..<60 { try deliver(sample("c\(number)"), to: sink, at: Double(number) / 100) }
        #expect(sink.counters.delivered > 0)
        #expect(sink.counters.waiting > 0)
        #expect(sink.counters.delivered + UInt64(sink.counters.waiting) == 60)
        #expect(sink.takeComplaint()?.contains("No space left") == true)
        #expect(try directory.bytes("alerts.jsonl").last == 0x0A)
        #expect(try alerts().allSatisfy { $0 != nil })
        try FileTree.removeFile(directory.file("ballast"))
        sink.service(now: at(100))
        #expect(try alerts().map { $0?.items.first?.item.name } == (0..<60).map { "c\($0)" })
        #expect(sink.counters.lastError == nil)
        #expect(sink.takeComplaint()?.contains("go out again") == true)
    }

    @Test("a read-only directory is waited for", .enabled(if: geteuid() == 0, "mounts a file system"))
    func readOnly() throws {
        try #require(directory.mount("size=256k"))
        try #require(directory.remount(readOnly: true))
        let sink = FileSink(path: path)
        try deliver(sample(), to: sink, at: 0)
        #expect(sink.counters.lastError?.contains("Read-only file system") == true)
        sink.close(now: at(0.5))
        try #require(directory.remount(readOnly: false))
        sink.service(now: at(10))
        #expect(try alerts().count == 1)
        #expect(sink.counters.delivered == 1)
        sink.close(now: at(11))
    }
}
