// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Platform
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Hostile names", .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct HostileNameTests {
        /// A label with every ASCII control character that a command line can hold, one that turns the direction of
        /// writing, and one that joins the letter before it.
        private static let label =
            "rf" + String(String.UnicodeScalarView((1..<0x20).compactMap { Unicode.Scalar($0) }))
            + "\u{7F}\u{202E}e\u{301}k"
        /// Executes a file whose name is every byte from `first` on that a file's name may have, 128 of them, with every byte
        /// that an argument may have, by a process whose own name is 15 of those.
        private static func deed(_ first: Int) -> String {
            "n = b'/tmp/' + bytes(b for b in range(\(first), \(first + 128)) if b and b != 47); "
                + "call(157, 15, bytes(range(\(first + 1), \(first + 16))), 0, 0, 0); shutil.copy(sys.executable, n); "
                + "subprocess.run([n, '-c', 'import time; time.sleep(1)', bytes(range(1, 256))])"
        }

        @Test(
            "every byte in executables, arguments, process names and labels leaves every output one printable line",
            .timeLimit(.minutes(3)))
        func escaped() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            // What is not printable is no key, which is said; the image and the command are.
            let key = "rf-python python3"
            let containers = try [0, 128].map { (first: $0, run: try PythonContainer(profile: Self.label)) }
            defer { PythonContainer.remove(containers.map(\.run)) }
            try PythonContainer.learn(containers.map(\.run), as: key, daemon)
            #expect(daemon.words.contains("ringfence.profile"), "\(daemon.words)")
            for container in containers { container.run.tell(Self.deed(container.first)) }
            let isTold = Shell.eventually(seconds: 60) {
                containers.allSatisfy { container in
                    daemon.alerts(of: container.run.name).contains {
                        $0.items.contains { $0.item.name == Self.name(container.first) }
                    }
                }
            }
            #expect(isTold, "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            for container in containers {
                try Self.check(container.first, daemon.alerts(of: container.run.name), daemon)
            }
            let texts = [
                ["alerts"], ["status"], ["network"], ["network", "--format", "dot"],
                ["profile", "list"],
                ["profile", "show", key], ["audit"],
            ]
            for words in texts { try Self.check(words, daemon) }
            for words in [["alerts"], ["status"], ["network"], ["profile", "list"], ["profile", "show", key]] {
                try Self.check(words + ["--format", "json"], daemon, isJSON: true)
            }
            #expect(try daemon.stop() == 0)
            for file in ["alerts.jsonl", "audit.jsonl"] {
                Self.checkLines(daemon.workspace.text("state/\(file)"), file, isJSON: true)
            }
            Self.checkLines(daemon.words, "what the daemon says", isJSON: false)
        }

        /// The name that `deed` gives its executable, escaped.
        private static func name(_ first: Int) -> String {
            "/tmp/" + HostileText.escaped((first..<first + 128).filter { $0 != 0 && $0 != 47 }.map { UInt8($0) })
        }

        /// What is told of one container: one incident, whose texts are what was done, escaped.
        private static func check(_ first: Int, _ alerts: [Alert], _ daemon: RunningDaemon) throws {
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            let alert = try #require(alerts.first)
            let argument = HostileText.escaped((1...255).map { UInt8($0) })
            #expect(alert.process?.argv?.last.map { argument.hasPrefix($0.prefix(200)) } == true, "\(alert)")
            let comm = HostileText.escaped((first + 1...first + 15).map { UInt8($0) })
            #expect(alert.process?.ancestry.contains { $0.comm == comm } == true, "\(alert)")
            try check(["explain", "\(alert.id)"], daemon)
        }

        /// Runs the tool, which must succeed, and looks at each line of what it prints.
        private static func check(_ words: [String], _ daemon: RunningDaemon, isJSON: Bool = false) throws {
            let run = try daemon.tool(words)
            #expect(run.status == 0, "\(words): \(run.errors)")
            #expect(!run.output.isEmpty, "\(words)")
            checkLines(run.output, "\(words)", isJSON: false)
            if isJSON, (try? JSONValue(parsing: Array(run.output.utf8))) == nil {
                checkLines(run.output, "\(words)", isJSON: true)
            }
        }

        private static func checkLines(_ text: String, _ what: String, isJSON: Bool) {
            for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
                #expect(HostileText.isEscaped(String(line)), "\(what): \(line)")
                guard isJSON else { continue }
                #expect(throws: Never.self, "\(what): \(line)") { try JSONValue(parsing: Array(line.utf8)) }
            }
        }
    }
}
