// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

extension RecorderSuites {
    /// The line on a terminal that says where a recording stands.
    @Suite("The live line", .serialized)
    struct LiveLineTests {
        private let workspace: Workspace

        init() throws { workspace = try Workspace() }

        /// Starts `ringfence` with all its streams on a pseudo-terminal; what is written there is in `typescript`.
        private func onTerminal(columns: Int, _ words: String) throws -> Background {
            try Background([
                "env", "-u", "SUDO_USER", "NO_COLOR=", "SHELL=/bin/sh", "script", "--quiet", "--flush", "--return",
                "--command", "stty cols \(columns) rows 24 -opost; exec \(Ringfence.binary) \(words)",
                workspace.file("typescript"),
            ])
        }

        /// What was written to the terminal, without the lines that script(1) puts around it.
        private var written: String {
            let lines = workspace.text("typescript").split(separator: "\n", omittingEmptySubsequences: false)
            return lines.dropFirst().filter { !$0.hasPrefix("Script done on ") }.joined(separator: "\n")
        }

        /// The live lines in the order they were drawn.
        private var frames: [String] {
            written.components(separatedBy: "\r\u{1b}[K").filter { $0.hasPrefix("recording ") }
        }

        /// Whether the last three lines tell of the same calls, and of some.
        private var isSettled: Bool {
            let calls = frames.suffix(3).map { $0.components(separatedBy: ", ").dropFirst(2).joined(separator: ", ") }
            return calls.count == 3 && Set(calls).count == 1 && calls.first?.hasPrefix("0 ") == false
        }

        /// A process that calls nothing new until `go` is there, then runs the probe, and ends when `stop` is there.
        private func target(_ probe: String) throws -> Background {
            let number = try #require(SyscallTable.table(.native).number("getpriority"))
            func wait(_ name: String) -> String { "until [ -e \(workspace.file(name)) ]; do sleep 0.02; done" }
            return try Background(["sh", "-c", "\(wait("go")); \(probe) calls \(number); \(wait("stop"))"])
        }

        @Test(
            "shows time, tasks, distinct calls and the last new one, is rewritten in place, and is gone at the end",
            arguments: [200, 40])
        func rewritten(_ columns: Int) throws {
            let probe = try #require(TestProgram.probe.path)
            let target = try target(probe)
            defer { target.kill() }
            let record = try onTerminal(columns: columns, "record -o \(workspace.file("p.json")) --pid \(target.pid)")
            defer { record.kill() }
            // Its loop is known once nothing new comes: from then on only the probe brings anything.
            try #require(Shell.eventually(seconds: 300) { isSettled }, "\(written)")
            try workspace.write("", to: "go")
            // A narrow terminal has no room for who made the call: there the line goes on being drawn.
            let drawn = frames.count
            let isTold = Shell.eventually(seconds: 300) {
                columns > 100 ? frames.contains { $0.contains(" by \(probe)") } : frames.count > drawn + 3
            }
            #expect(isTold, "\(frames)")
            try workspace.write("", to: "stop")
            #expect(try record.end() == 0)

            let seconds = frames.compactMap { $0.dropFirst("recording ".count).split(separator: " ").first }
                .compactMap { Double($0) }
            #expect(seconds.count >= 3 && seconds == seconds.sorted() && Set(seconds).count > 1, "\(frames)")
            #expect(frames.allSatisfy { $0.count < columns && !$0.contains("\n") }, "\(frames)")
            if columns > 100 {
                let last = try #require(frames.last { $0.contains(" by \(probe)") })
                let fields = last.components(separatedBy: ", ")
                #expect(fields.count == 4 && fields[1].hasSuffix(" tasks") && fields[2].hasSuffix(" distinct calls"))
                #expect(fields[3].hasPrefix("last new: "), "\(last)")
            }
            let screen = Screen(columns: columns, written)
            #expect(screen.oddities.isEmpty)
            #expect(screen.lines.first?.hasPrefix("recorded ") == true, "\(screen.lines)")
            #expect(!screen.lines.contains { $0.hasPrefix("recording ") || $0.contains("distinct") }, "\(screen.lines)")
        }

        @Test("keeps off a terminal that the recorded command writes to, and is shown beside one that does not")
        func command() throws {
            let record = "record -o \(workspace.file("p.json")) -- sh -c 'echo out; sleep 0.6; echo more'"
            #expect(try onTerminal(columns: 120, record).end() == 0)
            #expect(frames.isEmpty && Screen(columns: 120, written).lines.prefix(2) == ["out", "more"], "\(written)")
            #expect(try onTerminal(columns: 120, record + " >\(workspace.file("out"))").end() == 0)
            #expect(frames.count >= 2 && workspace.text("out") == "out\nmore\n", "\(written)")
            #expect(!Screen(columns: 120, written).lines.contains { $0.contains("distinct") })
        }

        @Test("is not shown with --quiet, nor into a pipe, where nothing but the result appears")
        func none() throws {
            let target = try target(try #require(TestProgram.probe.path))
            defer { target.kill() }
            let words = ["record", "--for", "1s", "-o", workspace.file("p.json"), "--pid", "\(target.pid)"]
            #expect(try onTerminal(columns: 120, "record -q " + words.dropFirst().joined(separator: " ")).end() == 0)
            #expect(written.allSatisfy { $0 == "\n" }, "\(written)")
            let run = try Ringfence.run(words)
            #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            #expect(run.output.hasPrefix("recorded ") && run.output.hasSuffix("profile: \(workspace.file("p.json"))\n"))
            #expect(!run.output.contains("\u{1b}") && !run.output.contains("\r") && !run.output.contains("distinct"))
        }
    }
}
