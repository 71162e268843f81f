// SPDX-License-Identifier: Apache-2.0
import Control
import Glibc
import Platform

/// A command line that starts one container and stays with it, taken apart as far as `verify` has to change it:
/// `docker run`, `podman run`, `runc run`, `crun run`.
struct EngineRun {
    /// Who starts the container.
    enum Engine: String { case docker, podman, runc, crun }

    let engine: Engine
    /// The container's name; ours if the command line gives none.
    let name: String
    /// The client with its own options, before its verb.
    let client: [String]
    private let words: [String]
    /// Where a bare runtime's bundle is.
    private let bundle: String

    /// nil if `command` is none of them. Fails for one that could not be verified: detached, privileged, or with a seccomp
    /// profile of its own.
    init?(_ command: [String]) throws(CommandFailure) {
        let wrapper = command.first?.split(separator: "/").last.map(String.init) ?? ""
        if ["sudo", "doas", "env", "nice", "timeout"].contains(wrapper),
            let index = command.dropFirst().firstIndex(where: { Engine(rawValue: $0) != nil }),
            command[index...].contains("run")
        {
            throw .usage(
                "the container's profile would be \(wrapper)'s: give the engine's own command, -- \(command[index]) run ..."
            )
        }
        guard let program = command.first?.split(separator: "/").last, let engine = Engine(rawValue: String(program)),
            let verb = Self.verb(of: command), command[verb] == "run"
        else { return nil }
        self.engine = engine
        client = Array(command[..<verb])
        let isBare = engine == .runc || engine == .crun
        let options = EngineRunOptions(Array(command[(verb + 1)...]), flags: isBare ? .ofRuntimes : .ofEngines)
        guard !options.has("-d", "--detach") else {
            throw .usage("\(engine) run stays with its container when it is verified: leave out --detach")
        }
        guard !options.has("--privileged") else {
            throw .usage("a privileged container has no seccomp filter: there is nothing to verify")
        }
        guard !options.has("--seccomp-policy"), !isBare || !options.has("-f", "--config") else {
            throw .usage("leave out --seccomp-policy and --config: with them the container would get another profile")
        }
        guard !options.values("--security-opt").contains(where: { $0.hasPrefix("seccomp") }) else {
            throw .usage("the profile is what --seccomp names: leave out --security-opt seccomp=")
        }
        guard let operand = options.operands.first else {
            throw .usage("\(engine) run names no \(isBare ? "container" : "image")")
        }
        let own = "ringfence-verify-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        name = isBare ? operand : options.values("--name").last ?? own
        bundle = options.values("-b", "--bundle").last ?? "."
        words =
            isBare
            ? options.without("-b", "--bundle")
            : (options.values("--name").isEmpty ? ["--name", own] : [])
                + (options.has("--rm") ? [] : ["--rm"]) + options.words
    }

    /// Where the client's verb is: the first word that is neither an option nor an option's value, "container" aside.
    private static func verb(of command: [String]) -> Int? {
        command.indices.dropFirst().first { index in
            let (word, before) = (command[index], command[index - 1])
            if word.hasPrefix("-") || word == "container" { return false }
            return word == "run" || !before.hasPrefix("-") || before.contains("=")
        }
    }

    /// The command line that starts the container under the profile in `file`; `directory` is there for what that takes.
    func command(seccomp file: String, in directory: String) throws(CommandFailure) -> [String] {
        switch engine {
        case .docker, .podman: return client + ["run", "--security-opt", "seccomp=\(file)"] + words
        case .runc, .crun:
            try writeBundle(seccomp: file, to: directory)
            return client + ["run", "--bundle", directory] + words
        }
    }

    /// The command line that asks the container to end, or ends it.
    func stop(isPatient: Bool) -> [String] {
        switch engine {
        case .docker, .podman: client + (isPatient ? ["stop", "-t", "10", name] : ["kill", name])
        case .runc, .crun: client + ["kill", name, isPatient ? "TERM" : "KILL"]
        }
    }

    /// The command line that removes what may be left of the container.
    var removal: [String] {
        switch engine {
        case .docker: client + ["rm", "-f", name]
        case .podman: client + ["rm", "-f", "-t", "0", name]
        case .runc, .crun: client + ["delete", "-f", name]
        }
    }

    /// The command line that prints the id of the container's first process, and perhaps more.
    var inspection: [String] {
        switch engine {
        case .docker, .podman: client + ["inspect", "-f", "\"pid\": {{.State.Pid}}", name]
        case .runc, .crun: client + ["state", name]
        }
    }

    /// A bundle as the one that was named, with another profile. Relative paths are the old bundle's.
    private func writeBundle(seccomp file: String, to directory: String) throws(CommandFailure) {
        let path = bundle + "/config.json"
        do {
            let config = try JSONValue(parsing: try FileBytes.read(path, limit: 1 << 24))
            guard case .object(var members) = config, case .object(var linux) = members["linux"] ?? .object([:]) else {
                throw CommandFailure.data("\(HostileText.escaped(path)) is no OCI configuration")
            }
            linux["seccomp"] = try JSONValue(parsing: try FileBytes.read(file, limit: 1 << 24))
            members["linux"] = .object(linux)
            if case .object(var root) = members["root"] {
                root["path"] = root["path"]?.text.map { .string(absolute($0)) }
                members["root"] = .object(root)
            }
            members["mounts"] = members["mounts"]?.elements.map { .array($0.map(mount)) }
            try AtomicFile.write(JSONValue.object(members).bytes, to: directory + "/config.json")
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw .noInput("\(error)")
        }
    }

    private func mount(_ value: JSONValue) -> JSONValue {
        guard case .object(var members) = value, let source = members["source"]?.text,
            members["options"]?.elements?.contains(where: { $0.text == "bind" || $0.text == "rbind" }) == true
                || members["type"]?.text == "bind"
        else { return value }
        members["source"] = .string(absolute(source))
        return .object(members)
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        let directory = unsafe realpath(bundle, nil).map { found in
            // SAFETY: realpath(3) gives a string of its own, to be freed once it was copied.
            defer { unsafe free(found) }
            return unsafe String(cString: found)
        }
        return (directory ?? bundle) + "/" + path
    }
}
