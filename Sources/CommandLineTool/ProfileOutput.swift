// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import Profiles

/// Where recorded profiles go.
struct ProfileOutput {
    /// A profile that was written.
    struct Written {
        let path: String
        /// nil where nothing was merged.
        let additions: ProfileAdditions?
        let profile: BehaviourProfile
    }

    private let path: String?
    private let merges: Bool
    private let owner: AtomicFile.Owner?
    /// What `path` holds already and this recording is to be added to.
    private let existing: BehaviourProfile?

    /// Reads the profile to merge into, so that a file that cannot be merged stops the recording before it begins.
    init(_ options: RecordOptions) throws(CommandFailure) {
        path = options.output
        merges = options.merges
        if let path = options.output, let obstacle = OutputPath.obstacle(path) {
            Terminal.error.line(
                "ringfence: warning: cannot write \(HostileText.escaped(path)): \(obstacle); "
                    + "the profile will be on standard output instead")
        }
        owner = .sudoCaller
        guard options.merges, let path = options.output, Self.exists(path), !Self.isDirectory(path) else {
            existing = nil
            return
        }
        do { existing = try ProfileStore.load(path) } catch { throw .data(error.description) }
    }

    /// Writes one of `count` profiles. On failure the profile is offered on stdout, so that nothing is lost.
    func write(_ profile: BehaviourProfile, of count: Int) throws(CommandFailure) -> Written {
        let target = file(for: profile, of: count)
        if OutputPath.isStandardOutput(target) { return try print(profile) }
        var result = profile
        var additions: ProfileAdditions?
        do {
            if let old = try existing ?? loadExisting(target) {
                (result, additions) = try ProfileMerge.merge(profile, into: old)
            }
            try ProfileStore.save(result, to: target, owner: owner)
        } catch {
            _ = try print(result)
            throw .cannotCreate("\(error); the profile is on standard output instead")
        }
        return Written(path: target, additions: additions, profile: result)
    }

    private func print(_ profile: BehaviourProfile) throws(CommandFailure) -> Written {
        let bytes: [UInt8]
        do { bytes = try ProfileStore.encode(profile) } catch { throw .data(error.description) }
        try Terminal.output.deliver(bytes)
        return Written(path: "standard output", additions: nil, profile: profile)
    }

    private func loadExisting(_ path: String) throws(ProfileError) -> BehaviourProfile? {
        guard merges, Self.exists(path) else { return nil }
        return try ProfileStore.load(path)
    }

    private func file(for profile: BehaviourProfile, of count: Int) -> String {
        let plain = Self.fileName(profile.target.name) + ".profile.json"
        guard let path else { return Self.unused(plain) }
        if Self.isDirectory(path) || path.hasSuffix("/") || count > 1 {
            try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            return path + (path.hasSuffix("/") ? "" : "/") + plain
        }
        return path
    }

    /// A name that is one path component and no option, whatever the container is called.
    private static func fileName(_ name: String) -> String {
        let last = name.split(separator: "/").last.map(String.init) ?? "target"
        let safe = String(
            last.unicodeScalars.map {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
                    ? Character($0) : "_"
            })
        return safe.hasPrefix(".") || safe.hasPrefix("-") ? "_" + safe : safe
    }

    /// Without -o nothing that exists is replaced.
    private static func unused(_ name: String) -> String {
        guard exists(name) else { return name }
        let stem = name.dropLast(".profile.json".count)
        return (2...).lazy.map { "\(stem)-\($0).profile.json" }.first { !exists($0) } ?? name
    }

    private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
