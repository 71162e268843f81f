// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Sensor
import TestSupport
import Testing

extension DaemonSuites {
    /// The verbs of the tool against a daemon that watches a cgroup.
    @Suite("The verbs of the daemon", .serialized)
    struct VerbTests {
        @Test("learn a cgroup, show it, decide about it, and keep a record of that")
        func journey() throws {
            let daemon = try RunningDaemon(scope: "all")
            try daemon.start()
            let cgroup = try TestCgroup()
            let workload = try cgroup.start(["sh", "-c", "while :; do /bin/true; sleep 0.05; done"])
            defer {
                workload.send(SIGKILL)
                _ = try? Shell.end(of: workload, seconds: 5)
            }

            let key = try learn(cgroup, daemon)
            try checkStatus(daemon)
            try checkProfile(key, daemon)
            try checkImport(key, daemon)
            try checkAlert(key, cgroup, daemon)
            try checkReview(key, daemon)
            try checkReload(daemon)
            try checkMetrics(daemon)
            try checkAudit(daemon)

            #expect(try daemon.stop(SIGINT) == 0, "\(daemon.words)")
            try checkWithoutDaemon(key, daemon)
        }

        /// Waits until the cgroup is compared; its profile's key.
        private func learn(_ cgroup: TestCgroup, _ daemon: RunningDaemon) throws -> String {
            var last: JSONValue?
            let isMonitored = try Shell.eventually(seconds: 60) {
                last = try daemon.json(["containers"]).elements?.first { $0["cgroup"]?.text == cgroup.path }
                return last?["state"]?.text == "monitoring"
            }
            try #require(isMonitored, "\(String(describing: last)) \(daemon.words)")
            #expect(last?["readiness"]?.text == "is compared")
            #expect((last?["epochs"]?.integer ?? 0) >= 5)
            return try #require(last?["key"]?.text)
        }

        private func checkStatus(_ daemon: RunningDaemon) throws {
            let status = try daemon.json(["status"])
            #expect(status["schema"]?.text == "ringfence.status/v1")
            #expect(status["programs"]?.elements?.isEmpty == false && status["missingPins"]?.elements?.isEmpty == true)
            let maps = (status["maps"]?.elements ?? []).compactMap { $0["bytes"]?.integer }
            let mapBytes = try #require(status["mapBytes"]?.integer)
            #expect(maps.reduce(0, +) == mapBytes && maps.count > 5)
            try checkMaps(mapBytes)
            #expect((status["rssBytes"]?.integer ?? 0) > 1 << 20)
            #expect((status["slots"]?["used"]?.integer ?? 0) > 0)
            let text = try daemon.tool(["status"])
            #expect(text.status == 0 && text.output.contains("all maps") && text.output.contains("produced"))
            let list = try daemon.tool(["containers"])
            #expect(list.output.hasPrefix("NAME") && list.output.contains("monitoring"))
        }

        /// What `status` says of the maps is what they are, and no more than they may be: at the default sizes at most 64 MB.
        private func checkMaps(_ said: Int64) throws {
            let set = try #require(PinDirectory(PinDirectory.standard).sets.first)
            let pins = "\(PinDirectory.standard)/\(set)"
            var total: Int64 = 0
            for map in try FileTree.entries(of: pins) where map.hasPrefix("rf_") {
                let shown = try Shell.run(["bpftool", "-j", "map", "show", "pinned", "\(pins)/\(map)"]).output
                let fields = try JSONValue(parsing: Array(shown.utf8))
                total += try #require(fields["bytes_memlock"]?.integer, "\(map): \(shown)")
            }
            #expect(said <= 64_000_000 && total <= 64_000_000, "\(said) \(total)")
            // Linux before 6.4 tells less than a map takes.
            #expect(abs(said - total) < total / 10, "\(said) \(total)")
        }

        private func checkProfile(_ key: String, _ daemon: RunningDaemon) throws {
            let all = try daemon.json(["profile", "list"]).elements ?? []
            #expect(all.contains { $0["key"]?.text == key && $0["state"]?.text == "monitoring" })
            let shown = try daemon.tool(["profile", "show", key])
            #expect(shown.status == 0 && shown.output.contains("execve") && shown.output.contains("executables"))
            let missing = try daemon.tool(["profile", "show", "no such key"])
            #expect(missing.status == 66 && missing.output.isEmpty)
            #expect(missing.errors.split(separator: "\n").count == 1 && missing.errors.contains("no such key"))
        }

        private func checkImport(_ key: String, _ daemon: RunningDaemon) throws {
            let file = daemon.workspace.file("web.json")
            #expect(try daemon.tool(["profile", "export", key, "-o", file]).status == 0)
            let recording = try ProfileStore.load(file)
            #expect(recording.learning == nil && recording.key == key)
            let first = try daemon.tool([
                "profile", "import", file, "--as", "shop/web", "--reason", "from the test run",
            ])
            #expect(first.status == 0 && first.output.contains("compared from now on"), "\(first.errors)")
            let again = try daemon.tool(["profile", "import", file, "--as", "shop/web"])
            #expect(again.status == 65 && again.errors.contains("--force"))
            #expect(try daemon.tool(["profile", "import", file, "--as", "shop/web", "--force"]).status == 0)
            let same = try daemon.tool(["profile", "diff", "shop/web", file])
            #expect(same.status == 0 && same.output.isEmpty, "\(same.output)")
            let bad = try daemon.workspace.write("{}", to: "bad.json")
            let refused = try daemon.tool(["profile", "import", bad, "--as", "other"])
            #expect(refused.status == 65 && refused.errors.contains("bad.json"))
            let seccomp = try daemon.tool(["seccomp", "generate", "shop/web", "-q"])
            #expect(seccomp.status == 0 && seccomp.output.contains("\"execve\""), "\(seccomp.errors)")
        }

        private func checkAlert(_ key: String, _ cgroup: TestCgroup, _ daemon: RunningDaemon) throws {
            try cgroup.run(["sh", "-c", "id >/dev/null; mktemp -u >/dev/null"])
            var alert: JSONValue?
            let isTold = try Shell.eventually(seconds: 60) {
                let run = try daemon.tool([
                    "alerts", "--format", "json", "--container", String(cgroup.path.dropFirst()),
                ])
                let name = cgroup.path.split(separator: "/").last.map(String.init) ?? ""
                let named = try daemon.tool(["alerts", "--format", "json", "--container", name])
                alert =
                    (run.output + named.output).split(separator: "\n").lazy
                    .compactMap { try? JSONValue(parsing: Array($0.utf8)) }.first
                return alert != nil
            }
            try #require(isTold, "\(daemon.words)")
            let id = try #require(alert?["id"]?.text)
            let story = try daemon.tool(["explain", id])
            #expect(story.status == 0 && story.output.contains("What the profile knows"), "\(story.errors)")
            #expect(story.output.contains(key))

            let allowed = try daemon.tool(["allow", id, "--reason", "the night's job", "--for", "1h"])
            #expect(allowed.status == 0 && allowed.output.contains("allowed for key \(key) until"), "\(allowed.errors)")
            let list = try daemon.json(["allow", "--list"]).elements ?? []
            let entry = try #require(list.first?["entry"]?.text)
            #expect(list.first?["isActive"]?.bool == true && list.first?["author"]?.text == "root")
            #expect(list.first?["reason"]?.text == "the night's job")
            #expect(try daemon.tool(["allow", "--remove", entry]).status == 0)
            #expect(try daemon.tool(["allow", "--remove", entry]).status == 66)
            #expect(try daemon.json(["allow", "--list"]).elements?.first?["isActive"]?.bool == false)
            #expect(try daemon.tool(["explain", "zzzzzzzzzzzz"]).status == 66)

            let test = try daemon.tool(["alerts", "--test"])
            #expect(test.status == 0 && test.output.contains("the test alert was delivered"), "\(test.output)")
        }

        private func checkReview(_ key: String, _ daemon: RunningDaemon) throws {
            let held = try daemon.tool(["profile", "hold", key, "getppid", "--reason", "why does it?"])
            #expect(held.status == 0 && held.output.contains("/getppid: held"), "\(held.errors)")
            #expect(try daemon.tool(["profile", "reject", key, "no_such_call"]).status == 64)
            #expect(try daemon.tool(["profile", "lock", key]).status == 0)
            let locked = try daemon.tool(["profile", "relearn", key])
            #expect(locked.status == 65 && locked.errors.contains("locked"))
            #expect(try daemon.tool(["profile", "unlock", key]).status == 0)
            let decisions = try daemon.tool(["profile", "show", key]).output
            #expect(decisions.contains("hold calls/") && decisions.contains("why does it?"))
        }

        private func checkReload(_ daemon: RunningDaemon) throws {
            try daemon.configure("[Alerts]\nJournal=perhaps\n")
            do {
                var client = try ControlClient(path: daemon.socket)
                _ = try client.call(.reload)
                Issue.record("a bad configuration was taken")
            } catch {
                #expect(error.exitCode == 78 && error.reason.contains("test.conf:2:"), "\(error)")
            }
            try daemon.configure(
                "[Alerts]\nJournal=no\nMinimumSeverity=warning\n[Kernel]\nWatchDenied=yes\n")
            var client = try ControlClient(path: daemon.socket)
            let answer = try client.call(.reload)
            #expect(answer["changed"] == ["Journal=", "MinimumSeverity="])
            #expect(answer["needsRestart"] == ["WatchDenied="])
            let sinks = try Shell.eventually(seconds: 60) { try daemon.json(["status"])["sinks"]?.elements?.count == 1 }
            #expect(sinks)
            // The same by the tool.
            let same = try daemon.tool(["reload"])
            #expect(
                same.status == 0 && same.output == "these need a restart: WatchDenied=\n",
                "\(same.output)\(same.errors)")
            try daemon.configure("[Alerts]\nJournal=perhaps\n")
            let wrong = try daemon.tool(["reload"])
            #expect(
                wrong.status == 78 && wrong.output.isEmpty && wrong.errors.contains("test.conf:2:"), "\(wrong.errors)")
            try daemon.configure("")
            daemon.send(SIGHUP)
            let isBack = try Shell.eventually(seconds: 60) {
                try daemon.json(["status"])["sinks"]?.elements?.count == 2
            }
            #expect(isBack, "\(daemon.words)")
        }

        private func checkMetrics(_ daemon: RunningDaemon) throws {
            let socket = try StreamSocket(connecting: daemon.workspace.file("run/metrics.sock"))
            _ = try socket.send(Array("GET /metrics HTTP/1.0\r\n\r\n".utf8)[...])
            var page: [UInt8] = []
            let isWhole = try Shell.eventually(seconds: 60) {
                try socket.receive(into: &page, limit: 1 << 20) == .ended
            }
            let text = String(decoding: page, as: UTF8.self)
            #expect(isWhole && text.hasPrefix("HTTP/1.0 200"))
            for name in [
                "ringfence_alerts_total{severity=\"notice\"} ", "ringfence_records_total{verdict=\"expected\"} ",
                "ringfence_slots_used ", "ringfence_containers{state=\"monitoring\"} ", "ringfence_resident_bytes ",
                "ringfence_map_bytes{map=\"rf_slots\"} ", "ringfence_reloads_total{result=\"refused\"} 2\n",
                "ringfence_reloads_total{result=\"taken\"} 3\n",
            ] { #expect(text.contains("\n" + name), "\(name)") }
        }

        private func checkAudit(_ daemon: RunningDaemon) throws {
            let whole = try daemon.tool(["audit", "--verify"])
            #expect(whole.status == 0 && whole.output.contains("is whole"), "\(whole.output)")
            let audit = try daemon.tool(["audit"])
            for words in [
                "root profile.import shop/web: from the test run", "root profile.hold ", "root allow ",
                "refused: there is a profile shop/web already", "root reload ringfenced: ",
                "refused: the old configuration",
            ] { #expect(audit.output.contains(words), "\(words) in \(audit.output)") }
        }

        private func checkWithoutDaemon(_ key: String, _ daemon: RunningDaemon) throws {
            #expect(try daemon.tool(["status"]).status == 69)
            #expect(try daemon.tool(["alerts"]).output.contains("TEST"))
            #expect(try daemon.tool(["profile", "show", key]).output.contains("execve"))
            #expect(try daemon.tool(["seccomp", "generate", "shop/web", "-q"]).status == 0)
            #expect(try daemon.tool(["audit", "--verify"]).status == 0)
            // A byte of the record is changed.
            let path = daemon.workspace.file("state/audit.jsonl")
            let text = daemon.workspace.text("state/audit.jsonl")
            try daemon.workspace.write(
                text.replacing("from the test run", with: "from the TEST run"), to: "state/audit.jsonl")
            let forged = try daemon.tool(["audit", "--verify"])
            #expect(forged.status == 1 && forged.output.contains("NOT whole"), "\(path)")
        }
    }
}
