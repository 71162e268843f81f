// SPDX-License-Identifier: Apache-2.0
import Control
import Events
import Platform
import Profiles

/// `ringfence seccomp merge`: joins behaviour profiles, or says whether one covers others.
enum SeccompMergeCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--output", "-o", value: "FILE", help: "where the joined profile goes; standard output without"),
            .init("--as", value: "KEY", help: "the key of the result, where the profiles have different ones"),
            .init("--check", value: "PROFILE", help: "write nothing: say what the profiles have and PROFILE has not"),
            OutputFormat.option,
        ] + DaemonAddress.options

    static var help: String {
        SeccompCommand.help(
            .merge,
            """
            The result knows everything that one of them knows, with the evidence added up. Order makes no difference; a
            recording that is given twice, or is part of another profile, counts once.
            exit status 0; with --check 1 if PROFILE lacks something
            """, options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard !arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("give the profiles: ringfence seccomp merge FILE|KEY ... -o FILE")
        }
        let output = try arguments.value("--output")
        let base = try arguments.value("--check")
        guard base == nil || output == nil else { throw .usage("--check writes nothing: leave -o out") }
        let address = try DaemonAddress(arguments)
        var sources: [RunMerge.Source] = []
        for word in arguments.operands {
            sources.append(.init(name: HostileText.escaped(word), profile: try ProfileSource.load(word, address)))
        }
        let format = try OutputFormat(arguments)
        if let base { return try check(sources, against: try ProfileSource.load(base, address), base, format) }
        let key = try arguments.value("--as")
        let merged: RunMerge.Result
        do throws(ProfileError) { merged = try RunMerge.merge(sources, key: key) } catch {
            throw .data(error.description)
        }
        let path = output ?? "-"
        try write(merged.profile, to: path)
        guard format == .json else {
            for line in lines(merged, path: path) { Terminal.error.line(HostileText.printable(line)) }
            return 0
        }
        // Where the profile itself is on standard output, what is said of it is not.
        let terminal = OutputPath.isStandardOutput(path) ? Terminal.error : Terminal.output
        try terminal.deliver(summary(merged, path: path).bytes + [0x0A])
        return 0
    }

    private static func check(
        _ sources: [RunMerge.Source], against base: BehaviourProfile, _ name: String, _ format: OutputFormat
    ) throws(CommandFailure) -> Int32 {
        var missing: [String] = []
        for source in sources {
            guard source.profile.architecture == base.architecture else {
                throw .data(
                    "\(source.name) is of \(source.profile.architecture.rawValue), and \(base.key) of another machine")
            }
            for line in ProfileAdditions(of: source.profile, against: base).lines where !missing.contains(line) {
                missing.append(line)
            }
        }
        let answer: JSONValue = [
            "schema": "ringfence.seccomp-merge-check/v1", "covers": .bool(missing.isEmpty),
            "missing": .array(missing.map { .string($0) }),
        ]
        let shown = HostileText.escaped(name)
        try format.deliver(answer) {
            missing.isEmpty ? ["\(shown) covers them"] : ["\(shown) lacks:"] + missing.map { "  + \($0)" }
        }
        return missing.isEmpty ? 0 : 1
    }

    private static func write(_ profile: BehaviourProfile, to path: String) throws(CommandFailure) {
        do throws(ProfileError) {
            guard OutputPath.isStandardOutput(path) else {
                return try ProfileStore.save(profile, to: path, owner: .sudoCaller)
            }
        } catch { throw .cannotCreate(error.description) }
        let bytes: [UInt8]
        do throws(ProfileError) { bytes = try ProfileStore.encode(profile) } catch { throw .data(error.description) }
        try Terminal.output.deliver(bytes)
    }

    private static func summary(_ merged: RunMerge.Result, path: String) -> JSONValue {
        [
            "schema": "ringfence.seccomp-merge/v1", "file": .string(HostileText.escaped(path)),
            "key": .string(merged.profile.key), "runs": .integer(Int64(merged.profile.window.runs)),
            "calls": .integer(Int64(calls(merged.profile))), "repeated": .array(merged.repeated.map { .string($0) }),
        ]
    }

    private static func lines(_ merged: RunMerge.Result, path: String) -> [String] {
        let target = OutputPath.isStandardOutput(path) ? "the profile" : HostileText.escaped(path)
        return [
            "merged: \(target) holds \(NumberText.counted(calls(merged.profile), "call")) of "
                + NumberText.counted(merged.profile.window.runs, "run")
        ] + merged.repeated.map { "counted once: \($0), which is another one or part of it" }
            + merged.profile.heldEntries.map { "held for review: \($0)" }
    }

    private static func calls(_ profile: BehaviourProfile) -> Int { profile.calls.values.reduce(0) { $0 + $1.count } }
}
