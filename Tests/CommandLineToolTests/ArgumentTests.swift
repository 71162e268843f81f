// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Platform
import Testing

@testable import CommandLineTool

@Suite("Arguments of the daemon's verbs")
struct ArgumentTests {
    private func query(_ words: String...) throws -> AlertQuery {
        try AlertQuery(
            try ParsedArguments(words, options: AlertsCommand.options), now: Date(timeIntervalSince1970: 1_000_000))
    }

    @Test("a query becomes a filter for the file and arguments for the daemon")
    func query() throws {
        let query = try query(
            "--since", "1h", "--container", "web", "--severity", "warning", "--rule", "exec-session")
        #expect(query.filter.since == WallTime(milliseconds: (1_000_000 - 3600) * 1000))
        #expect(query.filter.minimumSeverity == .warning && query.filter.rule == .execSession)
        #expect(query.filter.container?.matches("web") == true)
        #expect(
            query.arguments == [
                "since": .number(3600), "container": "web", "severity": "warning", "rule": "exec-session",
            ])
        #expect(try self.query().arguments.isEmpty)
    }

    @Test(
        "a query that makes no sense is a usage error that says what would",
        arguments: [
            (["--since", "yesterday"], "90s, 30m, 1h, 7d"), (["--since", "-1h"], "90s, 30m, 1h, 7d"),
            (["--severity", "high"], "notice, warning, critical"), (["--rule", "shell"], "unexpected-call"),
        ])
    func badQuery(_ words: [String], _ said: String) throws {
        let failure = try #require(throws: CommandFailure.self) {
            try AlertQuery(try ParsedArguments(words, options: AlertsCommand.options), now: Date())
        }
        #expect(failure.exitCode == 64 && failure.description.contains(said))
    }

    @Test(
        "a scope is all, a key or a pattern",
        arguments: [
            ("all", "all"), ("key=shop/web", "key shop/web"), ("pattern=shop/*", "pattern shop/*"), ("key a", "key a"),
        ])
    func scope(_ text: String, _ expected: String) throws {
        #expect(try AllowCommand.scope(text) == expected)
    }

    @Test("anything else is no scope", arguments: ["", "key", "key=", "web", "pattern ", "ALL"])
    func badScope(_ text: String) {
        #expect(throws: CommandFailure.self) { try AllowCommand.scope(text) }
    }

    @Test("a duration is read alike for every option, and anything else is one line with the option's name")
    func durations() throws {
        func seconds(_ text: String) throws -> Double? {
            try ParsedArguments(["--patience", text], options: VerifyCommand.options).seconds("--patience")
        }
        #expect(try seconds("1.5m") == 90 && seconds("250ms") == 0.25)
        #expect(try ParsedArguments([], options: VerifyCommand.options).seconds("--patience") == nil)
        let failure = try #require(throws: CommandFailure.self) { try seconds("soon") }
        #expect(failure == .usage("--patience is 'soon', but must be a duration such as 30s, 5m or 2h"))
    }

    @Test(
        "options about a runtime and --no-runtime exclude one another; a drop-in's no_new_privs is not the runtime's",
        arguments: [
            (["--no-runtime", "--for-runtime", "docker"], "--for-runtime"),
            (["--no-runtime", "--for-runtime", "any"], "--for-runtime"),
            (["--no-runtime", "--no-new-privs"], "--no-new-privs"),
            (["--no-runtime", "--no-new-privs", "--format", "systemd"], nil), (["--no-runtime"], nil),
            (["--for-runtime", "systemd", "--no-new-privs"], nil),
        ] as [([String], String?)])
    func runtimes(_ words: [String], _ refused: String?) throws {
        func request() throws -> GenerateRequest {
            try GenerateRequest(try ParsedArguments(["p.json"] + words, options: GenerateRequest.options))
        }
        guard let refused else {
            _ = try request()
            return
        }
        let failure = try #require(throws: CommandFailure.self) { try request() }
        #expect(failure.exitCode == 64)
        #expect(failure.description.hasPrefix("--no-runtime and \(refused) exclude one another"))
    }

    @Test("every runtime that --for-runtime takes is in the help of the verbs that take it")
    func runtimeHelp() throws {
        for options in [GenerateRequest.options, SeccompLintCommand.options] {
            let option = try #require(options.first { $0.names.contains("--for-runtime") })
            for name in ["runc", "crun", "docker", "podman", "containerd", "systemd", "any"] {
                #expect(option.help.contains(name), "\(name): \(option.help)")
            }
        }
    }

    @Test("--socket and --state stand before the verb or behind it")
    func globalOptions() throws {
        typealias Tool = CommandLineTool
        #expect(
            Tool.globalOptionsLast(["--socket", "/s", "profile", "show", "k"])
                == ["profile", "show", "--socket", "/s", "k"])
        #expect(
            Tool.globalOptionsLast(["--state=/d", "--socket", "/s", "alerts", "-f"])
                == ["alerts", "--state=/d", "--socket", "/s", "-f"])
        for words in [[], ["status"], ["--socket"], ["--socket", "/s"], ["record", "--", "--socket", "x"]] {
            #expect(Tool.globalOptionsLast(words) == words)
        }
        let address = try DaemonAddress(
            try ParsedArguments(["--state", "/d"], options: DaemonAddress.options))
        #expect(address.socket == ControlProtocol.defaultPath && address.alertsPath == "/d/alerts.jsonl")
        #expect(address.isStateGiven && address.profilesPath == "/d/profiles")
    }

    @Test("every verb has a help that names its options, and the tool's help names every verb")
    func help() {
        for (verb, text) in [
            ("alerts", AlertsCommand.help), ("explain", ExplainCommand.help), ("allow", AllowCommand.help),
            ("profile", ProfileCommand.help), ("audit", AuditCommand.help),
            ("status", StatusCommand.help), ("containers", ContainersCommand.help),
        ] {
            #expect(text.hasPrefix("usage: ringfence \(verb)") && text.contains("--socket PATH"), "\(text)")
            #expect(Usage.tool.contains("  \(verb) "), "\(verb)")
        }
        for verb in ProfileCommand.Verb.allCases { #expect(ProfileCommand.help.contains("  \(verb.rawValue)")) }
    }

    @Test("a daemon that is not there is said with the remedy")
    func noDaemon() throws {
        let address = DaemonAddress(socket: "/nowhere/control.sock", state: "/nowhere")
        let failure = try #require(throws: CommandFailure.self) { try address.ask(.status) }
        #expect(failure.exitCode == 69 && failure.isNoDaemon)
        #expect(
            failure.description.contains("/nowhere/control.sock") && failure.description.contains("systemctl start"))
        let source = try #require(throws: CommandFailure.self) { try ProfileSource.load("web", address) }
        #expect(source.exitCode == 66 && source.description.contains("no file web"))
        let file = try #require(throws: CommandFailure.self) { try ProfileSource.load("./web.json", address) }
        #expect(file.exitCode == 66 && file.description.contains("cannot read the profile ./web.json"))
    }
}
