// SPDX-License-Identifier: Apache-2.0
import Platform
import Recorder
import Seccomp

/// The command line of `ringfence record`.
struct RecordOptions {
    static let all: [ParsedArguments.Option] = [
        .init("--output", "-o", value: "FILE", help: "where the behaviour profile goes (a directory for several)"),
        .init("--seccomp", value: "FILE", help: "also generate a seccomp profile"),
        .init("--accept", value: "NAME=REASON", help: "allow a call of the never-allow list in the seccomp profile"),
        .init("--with-exec", help: "the seccomp profile also allows what exec sessions and health checks did"),
        .init("--merge", help: "add this run to the profile in FILE instead of replacing it"),
        .init(
            "--container", value: "NAME|ID|GLOB", help: "record a container, or those that appear while COMMAND runs"),
        .init("--wait", help: "wait for the container or the unit if it does not exist yet"),
        .init("--cgroup", value: "PATH", help: "record a cgroup and everything below it"),
        .init("--unit", value: "NAME", help: "record a systemd unit"),
        .init("--pid", value: "PID", help: "record a process and its descendants"),
        .init("--for", value: "DURATION", help: "stop after 30s, 5m, 2h, ..."),
        .init("--until", value: "empty|exit", help: "a command's recording ends with its last process, or with itself"),
        .init("--user", value: "NAME", help: "run COMMAND as this user (default: who called sudo)"),
        .init("--denied", help: "also list calls that a seccomp filter denied (a container's are always listed)"),
        .init("--no-counts", help: "do not count each call (saves about 20 ns a call)"),
        .init(
            "--network", help: "record whom a command connects and sends to, and where it listens (others: by default)"),
        .init("--no-network", help: "do not record that of a container, unit or cgroup"),
        .init("--no-names", help: "record addresses only, not the names that DNS gave them"),
        .init("--slots", value: "N", help: "cgroups that can be told apart"),
        .init("--sensor", value: "auto|fallback", help: "fallback: the kernel program for Linux before 5.12"),
        .init("--format", value: "table|json", help: "form of the summary"),
        .init("--quiet", "-q", help: "no summary, no notes"),
        .init("--help", "-h", help: "this text"),
    ]

    var request: RecordingRequest
    var output: String?
    var seccomp: String?
    var accepted: [String] = []
    var includesSessions = false
    var merges = false
    var isQuiet = false
    var isJSON = false

    /// Attaching the hooks takes 50 ms: a command starts without, unless it is asked for.
    private static func watchesPeers(
        _ target: RecordingRequest.Target, _ arguments: ParsedArguments
    ) throws(CommandFailure) -> Bool {
        let isAsked = arguments.has("--network")
        guard !isAsked || !arguments.has("--no-network") else {
            throw .usage("--network and --no-network exclude one another")
        }
        switch target {
        case .command: return isAsked
        case .process:
            guard !isAsked else { throw .usage("--network needs a cgroup: a --pid shares its own with others") }
            return false
        default: return !arguments.has("--no-network")
        }
    }

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        request = RecordingRequest(target: try Self.target(arguments))
        output = try arguments.value("--output")
        seccomp = try arguments.value("--seccomp")
        accepted = arguments.all("--accept")
        includesSessions = arguments.has("--with-exec")
        merges = arguments.has("--merge")
        isQuiet = arguments.has("--quiet")
        isJSON = try arguments.choice("--format", of: ["table", "json"]) == "json"
        request.countsCalls = !arguments.has("--no-counts")
        if case .container = request.target { request.watchesDenials = true }
        request.watchesPeers = try Self.watchesPeers(request.target, arguments)
        request.readsNames = !arguments.has("--no-names")
        if arguments.has("--denied") { request.watchesDenials = true }
        request.endsWithCommand = try arguments.choice("--until", of: ["empty", "exit"]) == "exit"
        request.fallbackOnly = try arguments.choice("--sensor", of: ["auto", "fallback"]) == "fallback"
        request.seconds = try arguments.seconds("--for")
        if let text = try arguments.value("--slots") {
            guard let slots = UInt32(text), (1...65536).contains(slots) else {
                throw .usage("--slots is '\(text)', but must be a number from 1 to 65536")
            }
            request.slots = slots
        }
        request.user = try Self.user(arguments)
        guard !merges || output != nil else { throw .usage("--merge needs the profile to add to: -o FILE") }
        guard seccomp != nil || (accepted.isEmpty && !includesSessions) else {
            throw .usage("--accept and --with-exec are about the seccomp profile: give --seccomp FILE too")
        }
        _ = try SeccompOutput.accepts(accepted)
        if let output, let seccomp, OutputPath.areSame(output, seccomp) {
            throw .usage("-o and --seccomp are the same file, \(HostileText.escaped(output)); give two")
        }
    }

    /// Whom a command runs as: `--user`, else who called sudo(8), else nil.
    static func user(_ arguments: ParsedArguments) throws(CommandFailure) -> UserIdentity? {
        guard let name = try arguments.value("--user") else { return UserIdentity.sudoCaller }
        guard let user = UserIdentity(name) else {
            throw CommandFailure("there is no user '\(name)'; see `getent passwd`", exitCode: 67)
        }
        return user
    }

    private static func target(_ arguments: ParsedArguments) throws(CommandFailure) -> RecordingRequest.Target {
        if let stray = arguments.operands.first {
            throw .usage(
                "'\(HostileText.escaped(stray))' is no option; a command comes after --: record -- \(HostileText.escaped(stray))"
            )
        }
        let names = ["--container", "--cgroup", "--unit", "--pid"]
        let given = names.filter { !arguments.all($0).isEmpty }
        guard given.count < 2 else { throw .usage("\(given.joined(separator: " and ")) exclude each other") }
        let command = arguments.command
        if let command, command.isEmpty { throw .usage("there is no command after --") }
        if arguments.has("--wait"), given != ["--container"], given != ["--unit"] {
            throw .usage("--wait goes with --container or --unit")
        }
        guard let kind = given.first, let value = try arguments.value(kind) else {
            guard let command else {
                throw .usage("nothing to record: give -- COMMAND, --container, --cgroup, --unit or --pid; see --help")
            }
            return .command(command)
        }
        guard kind == "--container" || command == nil else {
            throw .usage("\(kind) records what exists already: it takes no command")
        }
        switch kind {
        case "--container": return .container(pattern: value, waits: arguments.has("--wait"), command: command)
        case "--cgroup": return .cgroup(value)
        case "--unit": return .unit(value, waits: arguments.has("--wait"))
        default:
            guard let pid = Int32(value), pid > 0 else { throw .usage("--pid is '\(value)', but must be a process id") }
            return .process(pid)
        }
    }

    /// How a seccomp profile is made of what was recorded.
    var generator: GeneratorOptions {
        get throws(CommandFailure) {
            GeneratorOptions(
                accepts: try SeccompOutput.accepts(accepted), target: .any, includesSessions: includesSessions)
        }
    }

    /// Where the seccomp profile of one of `count` recorded profiles goes; nil if none was asked for.
    func seccompFile(for written: ProfileOutput.Written, of count: Int) -> String? {
        guard let seccomp else { return nil }
        guard count > 1 || seccomp.hasSuffix("/") else { return seccomp }
        let name = written.path.split(separator: "/").last.map(String.init) ?? "profile.json"
        return seccomp + (seccomp.hasSuffix("/") ? "" : "/") + name.replacing(".profile.json", with: ".seccomp.json")
    }
}
