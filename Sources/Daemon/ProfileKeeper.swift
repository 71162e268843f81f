// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import FoundationEssentials
import Platform
import Profiles

/// The profiles of everything that is or was watched, in memory and on disk, and what people allowed beside them. Nothing is
/// changed in memory that could not be saved. Control thread.
final class ProfileKeeper {
    private let directory: ProfileDirectory
    private let allowPath: String
    private(set) var profiles: [String: BehaviourProfile] = [:]
    private(set) var allows = AllowLayer()
    /// Keys whose profile is on disk and cannot be read: they are neither learned nor compared.
    private(set) var unreadable: [String: String] = [:]
    /// What had to be mended when everything was read, a sentence each.
    private(set) var notes: [String] = []
    /// Why the last attempt to save failed; nil once one succeeds.
    private(set) var failure: String?
    /// How often saving failed.
    private(set) var failures: UInt64 = 0
    var rule: LearningRule
    /// Who may have how many profiles.
    var quota: ProfileQuota
    /// What has no profile of its own.
    let unfiled: UnfiledProfiles
    /// Refusals that were not said yet, a line each.
    var refusals: [String] = []
    /// Digests of what was written last, by key.
    private var written: [String: Int] = [:]

    init(stateDirectory: String, rule: LearningRule, now: Date) throws(ProfileError) {
        self.rule = rule
        directory = try ProfileDirectory(stateDirectory + "/profiles")
        directory.sweep()
        unfiled = UnfiledProfiles(stateDirectory + "/unfiled.jsonl")
        quota = ProfileQuota(limit: directory.limit, keys: [])
        allowPath = stateDirectory + "/allow.json"
        let loaded = try AllowLayer.load(allowPath, now: now)
        allows = loaded.layer
        notes = loaded.notes
        for key in try directory.keys() {
            do throws(ProfileError) {
                let loaded = try directory.load(key, now: now)
                notes += loaded.notes
                if let profile = loaded.profile { profiles[key] = profile }
            } catch {
                unreadable[key] = error.description
                notes.append(error.description)
            }
        }
        quota = ProfileQuota(limit: directory.limit, keys: Array(profiles.keys) + Array(unreadable.keys))
    }

    /// Changes a profile as a person decided, and saves it. Throws if there is none, or it could not be saved.
    func change<Result>(
        _ key: String, now: Date, _ body: (inout BehaviourProfile) throws(ProfileError) -> Result
    ) throws(ProfileError) -> Result {
        guard var profile = profiles[key] else { throw missing(key) }
        let result = try body(&profile)
        try save(profile, now: now)
        return result
    }

    /// Puts a profile in the place of what its key had.
    func put(_ profile: BehaviourProfile, now: Date) throws(ProfileError) { try save(profile, now: now) }

    /// Changes what people allowed, and saves it.
    func changeAllows(now: Date, _ body: (inout AllowLayer) throws(ProfileError) -> Void) throws(ProfileError) {
        var layer = allows
        try body(&layer)
        try layer.save(to: allowPath, now: now)
        allows = layer
    }

    /// The error for a key that has no profile.
    func missing(_ key: String) -> ProfileError {
        ProfileError(
            .read, key, reason: unreadable[key] ?? "there is no such profile",
            remedy: "see `ringfence profile list`")
    }

    /// What is missing for a container that is to be compared and not learned from; nil if nothing is.
    func lack(of container: TrackedContainer) -> String? {
        guard container.settings.mode == .monitor, unreadable[container.key] == nil else { return nil }
        switch profiles[container.key]?.learning?.state {
        case .monitoring: return nil
        case nil:
            return
                "ringfence.mode=monitor, but there is no profile \(container.key): only the never-allow list is told; "
                + "bring one with `ringfence profile import FILE --as KEY`"
        case .learning, .ready:
            return
                "ringfence.mode=monitor, but others still learn the profile \(container.key): only the never-allow list "
                + "is told until it is compared"
        }
    }

    private func save(_ profile: BehaviourProfile, now: Date) throws(ProfileError) {
        let isNew = profiles[profile.key] == nil
        if let error = save([profile], now: now)[profile.key] { throw error }
        if isNew { quota.count(profile.key) }
    }

    /// Saves profiles together; the error of each one that is as it was before, by key.
    func save(_ changed: [BehaviourProfile], now: Date) -> [String: ProfileError] {
        guard !changed.isEmpty else { return [:] }
        let errors = directory.save(changed, now: now, written: &written)
        failure = nil
        for error in errors.values { note(failure: error) }
        for profile in changed where errors[profile.key] == nil { profiles[profile.key] = profile }
        return errors
    }

    /// Counts a failure to save.
    func note(failure error: ProfileError) {
        failure = error.description
        failures += 1
    }

    /// What there was no room for since this was asked last, a line each.
    func takeRefusals() -> [String] {
        defer { refusals = [] }
        return refusals
    }

    /// What the profile of a key allows as it stands; everything but the never-allow list where there is none.
    func compiled(_ key: String, now: Date) -> CompiledPolicy {
        guard let profile = profiles[key] else { return .learning() }
        guard profile.learning?.state == .monitoring else {
            return .learning(accepted: CompiledPolicy.accepted(profile, allows: allows, now: now))
        }
        return CompiledPolicy(profile, allows: allows, now: now)
    }

    /// Socket families that the workload of a monitored profile used, or that people allow; nil where any are expected.
    func families(_ key: String, now: Date = Date()) -> [UInt32]? {
        guard let profile = profiles[key], profile.learning?.state == .monitoring,
            let evidence = profile.arguments["socket.family"], !evidence.overflowed
        else { return nil }
        let refused = profile.verdicts.filter { $0.value != .accept }.keys.compactMap(Self.family)
        let allowed = CompiledPolicy.accepted(profile, allows: allows, now: now).compactMap(Self.family)
        return Set(evidence.values[Phase.workload.name] ?? []).subtracting(refused).union(allowed).sorted()
    }

    private static func family(_ entry: String) -> UInt32? {
        entry.hasPrefix("calls/") ? entry.split(separator: "/").last.flatMap { ProfileEntry.family(String($0)) } : nil
    }

    /// Programs that people allow to be started from outside in containers of a profile, as probes are.
    func allowedSessions(_ key: String, now: Date) -> [ProfileProbe] {
        allows.allowed(key: key, now: now).filter { $0.hasPrefix("sessions/") }.sorted().map { entry in
            let path = String(entry.dropFirst("sessions/".count))
            return ProfileProbe(executable: path, arguments: [], epochs: 0, configured: true, executables: [path])
        }
    }

    /// How a profile stands, for alerts.
    func standing(_ key: String, now: Date) -> (standing: ProfileStanding, maturity: Double) {
        guard let profile = profiles[key] else { return (ProfileStanding(key: key, state: .learning), 0) }
        let learning = profile.learning
        let readiness = learning.map { Readiness($0, share: rule.share, now: now) }
        let calls = profile.calls.values.flatMap(\.values).flatMap { $0.phases.values }
            .flatMap { $0.executables.values }.reduce(0, &+)
        let state: ProfileStanding.State =
            switch learning?.state {
            case .learning, nil: .learning
            case .ready: .ready
            case .monitoring: .monitoring
            }
        let standing = ProfileStanding(
            key: key, state: state,
            partial: profile.window.partial.isEmpty ? nil : profile.window.partial.joined(separator: "; "),
            calls: calls, instances: learning?.instances ?? profile.window.instances,
            epochs: learning?.epochs ?? profile.window.runs,
            learnedSeconds: profile.learnedSeconds, noveltyBound: readiness?.upperBound)
        return (standing, profile.maturity(share: rule.share, now: now))
    }
}
