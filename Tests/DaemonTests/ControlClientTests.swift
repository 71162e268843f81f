// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

extension DaemonSuites {
    /// Who may ask a daemon at work for what, and what clients that do not behave can do to it.
    @Suite("Clients of the daemon", .serialized)
    struct ControlClientTests {
        /// A group that no user of this machine has, and a user who is nobody.
        private static let group = "64998"
        private static let nobody = "64999"

        /// A daemon whose socket that group may reach, with tools that it may run.
        private func daemon(_ more: String = "") throws -> RunningDaemon {
            let daemon = try RunningDaemon(scope: "containers+services", "Group=\(Self.group)\n\(more)")
            #expect(unsafe chmod(daemon.workspace.path, 0o711) == 0)
            let client = try #require(TestProgram.client.path, "cannot compile the client")
            let copied = try Shell.run(["cp", Ringfence.binary, client, daemon.workspace.path])
            #expect(copied.status == 0)
            let name = client.split(separator: "/").last ?? ""
            #expect(unsafe rename(daemon.workspace.file(String(name)), daemon.workspace.file("client")) == 0)
            return daemon
        }

        /// Runs a copied tool as nobody, who is in `groups`.
        private func words(_ daemon: RunningDaemon, _ words: [String], groups: [String] = [group]) -> [String] {
            let membership = groups.isEmpty ? ["--clear-groups"] : ["--groups", groups.joined(separator: ",")]
            return ["setpriv", "--reuid", Self.nobody, "--regid", Self.nobody] + membership
                + [daemon.workspace.file(words[0])] + words.dropFirst()
        }

        private func tool(
            _ daemon: RunningDaemon, _ verb: [String], groups: [String] = [group]
        ) throws -> Shell.Result {
            try Shell.run(words(daemon, ["ringfence", "--socket", daemon.socket] + verb, groups: groups))
        }

        /// Lines that a rude client printed.
        private func rude(_ daemon: RunningDaemon, _ how: String, _ count: Int) throws -> Background {
            let file = daemon.workspace.file(how)
            let run = try Background(
                ["sh", "-c", "exec \"$0\" \"$@\" >\(file)"] + words(daemon, ["client", daemon.socket, how, "\(count)"]))
            try #require(Shell.eventually { daemon.workspace.text(how).hasSuffix("\n") }, "\(how): \(daemon.words)")
            return run
        }

        /// An alert for something that `service` does now reaches the file and a tail within some seconds: who waits for a client
        /// waits for ever, or for its idle time.
        private func checkAlert(
            _ service: ServiceCgroup, _ daemon: RunningDaemon, _ follower: RunningDaemon.Follower, _ what: String
        ) {
            service.tell("call 109")
            let isThere = Shell.eventually {
                [daemon.alerts(), follower.alerts].allSatisfy { alerts in
                    alerts.contains { $0.container.name == service.name }
                }
            }
            #expect(isThere, "\(what): \(daemon.words)")
            let (written, arrived) = (daemon.lastAlertWritten, follower.lastWrite)
            let called = daemon.alerts(of: service.name).first?.time.bootNanoseconds ?? 0
            #expect(max(written, arrived) < called + 5_000_000_000, "\(what): \(written) \(arrived) \(called)")
        }

        @Test("a member of the group may look and not change, and a stranger may do nothing")
        func rights() throws {
            let daemon = try daemon()
            try daemon.start()
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            for verb in [["status"], ["containers"], ["alerts"], ["audit"], ["profile", "list"], ["allow", "--list"]] {
                let run = try tool(daemon, verb)
                #expect(run.status == 0 && run.errors.isEmpty, "\(verb): \(run.errors)")
            }
            #expect(try tool(daemon, ["profile", "show", service.name]).output.contains("getppid"))
            let changing = [
                ["reload"], ["alerts", "--test"], ["profile", "relearn", service.name],
                ["profile", "reject", service.name, "getppid"], ["allow", "abcdef", "--reason", "x"],
                ["trace", service.name],
            ]
            for verb in changing {
                let run = try tool(daemon, verb)
                #expect(run.status == 77 && run.output.isEmpty, "\(verb): \(run.output)")
                #expect(run.errors.contains("user \(Self.nobody) may not ask for "), "\(verb): \(run.errors)")
                #expect(run.errors.contains("sudo") && run.errors.split(separator: "\n").count == 1)
            }
            for verb in [["status"], ["reload"]] {
                let run = try tool(daemon, verb, groups: [])
                #expect(run.status == 77 && run.output.isEmpty, "\(verb): \(run.output)")
                #expect(run.errors.contains("run as root, or join the group \(Self.group)"), "\(run.errors)")
            }
            #expect(try daemon.json(["status"])["control"]?["denied"]?.integer == Int64(changing.count))
        }

        @Test("slow, rude and huge clients slow nobody, are bounded and counted, and cost little memory")
        func rudeness() throws {
            let daemon = try daemon()
            try daemon.start()
            let services = try (0..<7).map { _ in try ServiceCgroup() }
            try RuleTests.learn(services, daemon)
            let follower = try RunningDaemon.Follower(daemon, tool: words(daemon, ["ringfence"]))
            let isFollowing = try Shell.eventually {
                (try daemon.json(["status"])["control"]?["clients"]?.integer ?? 0) >= 2
            }
            #expect(isFollowing)
            let before = daemon.residentBytes
            #expect(before > 1 << 20)

            let long = try rude(daemon, "long", 1 << 20)
            #expect(try long.end() == 0)
            #expect(daemon.workspace.text("long").contains("the request is longer than 65536 bytes"))
            checkAlert(services[0], daemon, follower, "a line of 1 MB")
            let garbage = try rude(daemon, "garbage", 50_000)
            #expect(try garbage.end() == 0)
            #expect(daemon.workspace.text("garbage").contains("error"))
            let leavers = try rude(daemon, "leave", 200)
            #expect(try leavers.end() == 0)
            checkAlert(services[1], daemon, follower, "garbage, and clients that leave")
            let greedy = try rude(daemon, "greedy", 10_000)
            checkAlert(services[2], daemon, follower, "10,000 requests that are read")
            let lines = try rude(daemon, "lines", 10_000)
            checkAlert(services[3], daemon, follower, "10,000 requests that are not read")
            let slow = try rude(daemon, "slow", 10)
            checkAlert(services[4], daemon, follower, "tails that are not read")
            let half = try rude(daemon, "half", 200)
            checkAlert(services[5], daemon, follower, "200 connections")
            // Places that only root may take are left.
            let full = try tool(daemon, ["status"])
            #expect(full.status == 75 && full.errors.contains("clients already"), "\(full.errors)")
            let status = try daemon.json(["status"])["control"]
            #expect((status?["refused"]?.integer ?? 0) >= 100, "\(String(describing: status))")
            #expect((status?["clients"]?.integer ?? .max) <= 64 && (status?["requests"]?.integer ?? 0) > 10)
            let peak = daemon.residentBytes
            #expect(peak < before + (48 << 20), "\(before) \(peak)")
            for run in [greedy, lines, slow, half] { run.kill() }
            checkAlert(services[6], daemon, follower, "all gone")
            var left: JSONValue?
            let isFree = try Shell.eventually {
                left = try daemon.json(["status"])["control"]
                return (left?["clients"]?.integer ?? .max) <= 2
            }
            #expect(isFree, "\(String(describing: left))")
            #expect(try tool(daemon, ["status"]).status == 0)
            #expect(try daemon.stop() == 0)
            for service in services { #expect(daemon.alerts(of: service.name).count == 1) }
        }

        /// What is in the files alone can be allowed: root's tool finds it there, and the daemon goes on meanwhile.
        private func checkOlder(_ service: ServiceCgroup, _ daemon: RunningDaemon) throws {
            var older = try #require(daemon.alerts(of: service.name).first)
            let known = older.id
            older.id = String(known.reversed())
            let path = daemon.stateDirectory + "/alerts.jsonl.1"
            let line = String(decoding: try older.line(), as: UTF8.self)
            let old = try FileBytes.read(path, limit: 1 << 30)
            try Data(old + Array(("\n" + line).utf8)).write(to: URL(filePath: path))
            let unknown = try tool(daemon, ["explain", older.id])
            #expect(unknown.status == 66)
            let allowed = try daemon.tool(["allow", older.id, "--reason", "long ago"])
            #expect(
                allowed.status == 0 && allowed.output.contains("allowed for key \(service.name)"), "\(allowed.errors)")
            #expect(try daemon.tool(["allow", "zzzzzzzzzzzz", "--reason", "none"]).status == 66)
            let list = try daemon.json(["allow", "--list"]).elements
            #expect(list?.first?["reason"]?.text == "long ago" && list?.count == 1)
        }

        @Test("who may only look cannot have the daemon read large files; root's tool reads them by itself")
        func largeFiles() throws {
            let daemon = try daemon()
            try daemon.start()
            let services = try (0..<2).map { _ in try ServiceCgroup() }
            try RuleTests.learn(services, daemon)
            let follower = try RunningDaemon.Follower(daemon, tool: words(daemon, ["ringfence"]))
            // 100 MB of lines like the first one, ahead of the real ones' end; and 100 MB of alerts of long ago.
            let fill = """
                cd \(daemon.stateDirectory) && line=$(head -n 1 audit.jsonl) && yes "$line" | head -c 100000000 >>audit.jsonl
                echo >>audit.jsonl; yes "$line" | head -c 100000000 >alerts.jsonl.1
                """
            #expect(try Shell.run(["sh", "-c", fill]).status == 0)
            // What a member asks for, over and over, while a service does something new.
            let asking = try (0..<2).map { _ in
                try Background(
                    [
                        "sh", "-c", "while :; do \"$0\" \"$@\" audit; \"$0\" \"$@\" explain zzzzzzzzzzzz; done",
                    ] + words(daemon, ["ringfence", "--socket", daemon.socket]))
            }
            defer { for run in asking { run.kill() } }
            checkAlert(services[0], daemon, follower, "members ask for large files")
            let audit = try tool(daemon, ["audit"])
            #expect(audit.status == 0 && !audit.output.isEmpty && audit.output.utf8.count < 2 << 20, "\(audit.errors)")
            #expect(daemon.residentBytes < 200 << 20)
            let verify = try tool(daemon, ["audit", "--verify"])
            #expect(verify.status == 77 && verify.errors.contains("run as root"), "\(verify.errors)")
            let unknown = try tool(daemon, ["explain", "zzzzzzzzzzzz"])
            #expect(unknown.status == 66 && unknown.errors.contains("among the newest"), "\(unknown.errors)")
            for run in asking { run.kill() }
            // As much as a build for tests reads in a few seconds.
            let cut = "cd \(daemon.stateDirectory) && truncate -s 4M alerts.jsonl.1 && truncate -s 1M audit.jsonl"
            #expect(try Shell.run(["sh", "-c", cut]).status == 0)
            // Root's tool reads all of it, and finds what was done to the file; the daemon goes on meanwhile.
            let reading = try Background([
                Ringfence.binary, "--socket", daemon.socket, "--state", daemon.stateDirectory, "explain",
                "zzzzzzzzzzzz",
            ])
            checkAlert(services[1], daemon, follower, "root's tool reads large files")
            #expect(try reading.end() == 66)
            try checkOlder(services[0], daemon)
            #expect(try daemon.tool(["audit", "--verify"]).status == 1)
        }
    }
}
