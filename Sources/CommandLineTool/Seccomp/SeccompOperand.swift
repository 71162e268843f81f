// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import Profiles
import Seccomp

/// What people name on the command line of `ringfence seccomp`: a seccomp profile of any make, a behaviour profile, the key of
/// one of the daemon's, or the default of an engine.
struct SeccompOperand {
    /// What it turned out to be.
    enum Kind {
        case seccomp(SeccompDocument)
        case behaviour(BehaviourProfile)
    }

    /// How people called it, escaped.
    let name: String
    let kind: Kind
    /// What a runtime would get of it; of a behaviour profile, what it asks for.
    let profile: OCISeccompProfile
    /// Who made each call, where that is known; sorted.
    let users: [String: [String]]
    /// What was left aside, one line each.
    let ignored: [String]

    /// Reads it; conditions are resolved as `context` says. Without an address only files and defaults are meant.
    init(_ word: String, _ context: SeccompContext, _ address: DaemonAddress?) throws(CommandFailure) {
        if let engine = EngineDefault(name: word), !FileTree.exists(word) {
            let document: SeccompDocument
            do throws(SeccompError) { document = try engine.document() } catch { throw .data(error.description) }
            let resolved = document.resolved(for: try context.resolved(default: engine.capabilities))
            name = word + (document.origin.map { " (\($0))" } ?? "")
            kind = .seccomp(document)
            profile = resolved.profile
            users = [:]
            // What it says for other machines is no news.
            ignored = []
            return
        }
        name = HostileText.escaped(word)
        guard FileTree.exists(word), let bytes = try Self.seccompBytes(word) else {
            let behaviour =
                if let address { try ProfileSource.load(word, address) } else { try ProfileSource.file(word) }
            let observed = ObservedProfile(behaviour)
            kind = .behaviour(behaviour)
            profile = observed.profile
            users = observed.users
            ignored = []
            return
        }
        let document: SeccompDocument
        do throws(SeccompError) { document = try SeccompDocument.read(bytes, file: word) } catch {
            throw .data(error.description)
        }
        var container = try context.resolved(default: EngineContext.dockerCapabilities)
        container.architecture = document.machine
        let resolved = document.resolved(for: container)
        kind = .seccomp(document)
        profile = resolved.profile
        ignored = resolved.ignored
        users = SeccompEvidence.beside(word)?.users ?? [:]
    }

    /// The operand as a seccomp profile with its conditions, or a usage error that says what was given.
    func document() throws(CommandFailure) -> SeccompDocument {
        guard case .seccomp(let document) = kind else {
            throw .data("\(name) is a behaviour profile; give a seccomp profile (ringfence seccomp generate makes one)")
        }
        return document
    }

    /// Says on standard error what was left aside.
    func warn() {
        for line in ignored { Terminal.error.line("ringfence: \(name): ignored: \(HostileText.printable(line))") }
    }

    /// A file's bytes; nil if it is a behaviour profile.
    private static func seccompBytes(_ path: String) throws(CommandFailure) -> [UInt8]? {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try FileBytes.read(path, limit: OCISeccompProfile.sizeLimit) } catch {
            // Behaviour profiles may be larger; their reader says what is wrong.
            guard error.errno != EFBIG else { return nil }
            throw .noInput(error.description)
        }
        return isBehaviour(bytes) ? nil : bytes
    }

    /// By its schema's name, which is behind its target: near the beginning or not, but in no seccomp profile.
    private static func isBehaviour(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains("\"ringfence.profile/")
    }
}
