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

        /// A daemon whose socket that group may reach.
        private func daemon(_ more: String = "") throws -> RunningDaemon {
            let daemon = try RunningDaemon(scope: "containers+services", "Group=\(Self.group)\n\(more)")
            #expect(unsafe chmod(daemon.workspace.path, 0o711) == 0)
            #expect(try Shell.run(["cp", Ringfence.binary, daemon.workspace.path]).status == 0)
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
    }
}
