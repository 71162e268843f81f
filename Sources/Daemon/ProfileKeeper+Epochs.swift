// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Profiles

/// Taking epochs into profiles, many at a time: one file is written for each key and round, however many of its containers
/// ended in it.
extension ProfileKeeper {
    /// Until when a profile has what a cgroup did since the machine was started as `boot`, nanoseconds of CLOCK_BOOTTIME; 0
    /// if it has nothing. A crash may have come before that was noted in the cgroup's slot.
    func takenUntil(of cgroupID: UInt64, in key: String, boot: String) -> UInt64 {
        guard let taken = profiles[key]?.learning?.taken, taken.boot == boot else { return 0 }
        return taken.cgroups[String(cgroupID)]?.end ?? 0
    }

    /// One epoch that is over.
    struct EndedEpoch {
        let reading: EpochReader.Reading
        let epoch: LearningEpoch
        let rule: LearningRule
        /// The command of the health check that the container was configured with.
        let probe: [String]
        /// Whether nothing but an id is known of the container.
        let isNameless: Bool
        /// Whether it must be taken out of the kernel now, whatever there is room for.
        let mustGo: Bool

        var observation: BehaviourProfile { reading.observation }
    }

    /// What became of one.
    enum Result {
        /// It is in its profile, on the disk.
        case learned(Learner.Outcome)
        /// It is on the disk, among what has no profile of its own.
        case unfiled
        /// There is no room for its profile.
        case refused
        /// It could not be saved; nothing has changed.
        case failed(ProfileError)
    }

    /// Takes epochs into their profiles and saves these, in the order given; one result each. `living` are the ids of the
    /// cgroups that the kernel has slots of: what was taken of others need not be remembered.
    func observe(_ epochs: [EndedEpoch], boot: String, living: Set<String>, now: Date) -> [Result] {
        var results = [Result](repeating: .refused, count: epochs.count)
        var changed: [String: BehaviourProfile] = [:]
        var unfiled: [Int] = []
        for (index, ended) in epochs.enumerated() {
            let key = ended.observation.key
            guard unreadable[key] == nil else {
                results[index] = .failed(missing(key))
                continue
            }
            let old = changed[key] ?? profiles[key]
            // Gone before it had a name: the next one will have another, and nothing to compare with.
            if old == nil, ended.isNameless && ended.mustGo || !hasRoom(for: key) {
                if ended.mustGo { unfiled.append(index) }
                continue
            }
            var profile = old ?? Learner.begin(like: ended.observation, rule: ended.rule, now: now)
            do {
                results[index] = .learned(try Self.learn(ended, into: &profile, now: now))
                var taken = profile.learning?.taken ?? TakenEpochs(boot: boot)
                if taken.boot != boot { taken = TakenEpochs(boot: boot) }
                taken.cgroups = taken.cgroups.filter { living.contains($0.key) }.merging(ended.reading.taken) { $1 }
                profile.learning?.taken = taken
                if old == nil { quota.count(key) }
                changed[key] = profile
            } catch { results[index] = .failed(error) }
        }
        let errors = save(Array(changed.values), now: now)
        for (key, error) in errors {
            if profiles[key] == nil { quota.count(key, isThere: false) }
            for (index, ended) in epochs.enumerated() where ended.observation.key == key {
                results[index] = .failed(error)
            }
        }
        let outcome = keepUnfiled(unfiled.map { epochs[$0].observation })
        for index in unfiled { results[index] = outcome }
        return results
    }

    private func hasRoom(for key: String) -> Bool {
        guard let reason = quota.refusal(of: key) else { return true }
        if quota.countRefused(key) {
            refusals.append("no profile is begun for \(key): \(reason); what it does is not compared")
        }
        return false
    }

    private static func learn(
        _ ended: EndedEpoch, into profile: inout BehaviourProfile, now: Date
    ) throws(ProfileError) -> Learner.Outcome {
        let probe = ended.probe
        if !probe.isEmpty, profile.probes?.contains(where: { $0.arguments == probe }) != true {
            profile.markProbe(command: probe, executables: [])
        }
        let seen = ended.reading.overlaps ? ended.observation.news(to: profile) : ended.observation
        return try Learner.observe(seen, epoch: ended.epoch, into: &profile, rule: ended.rule, now: now)
    }

    private func keepUnfiled(_ observations: [BehaviourProfile]) -> Result {
        do {
            try unfiled.append(observations)
            return .unfiled
        } catch {
            note(failure: error)
            return .failed(error)
        }
    }
}
