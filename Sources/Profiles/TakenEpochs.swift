// SPDX-License-Identifier: Apache-2.0

/// How far the epochs of living instances are in a profile, saved with it: whoever reads the kernel's slots after a crash
/// knows by it what of them is counted already.
package struct TakenEpochs: Codable, Equatable, Sendable {
    /// One cgroup of an instance, as it was when its last epoch was taken.
    package struct Cgroup: Codable, Equatable, Sendable {
        /// When that was, nanoseconds of CLOCK_BOOTTIME.
        package var end: UInt64
        /// Its records until then, which the kernel counts from the cgroup's beginning.
        package var events: EventAccounting
        /// How often each call was denied until then, by executable's place, ABI, phase, number and errno; nil if none was.
        package var denied: [String: UInt64]?

        /// What was taken until `end`.
        package init(end: UInt64, events: EventAccounting, denied: [String: UInt64]? = nil) {
            self.end = end
            self.events = events
            self.denied = denied
        }
    }

    /// /proc/sys/kernel/random/boot_id: the numbers of cgroups and the times are of that boot.
    package var boot: String
    /// By cgroup id, in decimal.
    package var cgroups: [String: Cgroup]

    /// What was taken of `cgroups` since the machine was started as `boot`.
    package init(boot: String, cgroups: [String: Cgroup] = [:]) {
        self.boot = boot
        self.cgroups = cgroups
    }

    /// Both; of two boots the one of `right`, for the other is over.
    static func unite(_ left: TakenEpochs?, _ right: TakenEpochs?) -> TakenEpochs? {
        guard let left, let right else { return left ?? right }
        guard left.boot == right.boot else { return left.boot < right.boot ? right : left }
        return TakenEpochs(
            boot: left.boot, cgroups: left.cgroups.merging(right.cgroups) { $0.end < $1.end ? $1 : $0 })
    }
}

extension BehaviourProfile {
    /// What of this observation `profile` does not know: where the last epoch was saved and not taken out, whatever both have
    /// may be counted already.
    package func news(to profile: BehaviourProfile) -> BehaviourProfile {
        func fresh(_ evidence: CallEvidence, _ known: CallEvidence?) -> CallEvidence? {
            let phases = evidence.phases.filter { phase, use in
                guard let old = known?.phases[phase] else { return true }
                return !use.executables.keys.allSatisfy { old.executables[$0] != nil }
            }
            return phases.isEmpty ? nil : CallEvidence(phases: phases)
        }
        var news = self
        news.calls = calls.reduce(into: [:]) { kept, abi in
            for (name, evidence) in abi.value {
                guard let rest = fresh(evidence, profile.calls[abi.key]?[name]) else { continue }
                kept[abi.key, default: [:]][name] = rest
            }
        }
        news.ioUring = ioUring.reduce(into: [:]) { kept, entry in
            kept[entry.key] = fresh(entry.value, profile.ioUring[entry.key])
        }
        news.peers = peers.map { all in
            all.reduce(into: [:]) { kept, entry in
                kept[entry.key] = fresh(entry.value, profile.peers?[entry.key])
            }
        }
        news.credentials = credentials.map { all in
            CredentialEntries.under(profile.credentials, all).reduce(into: [:]) { kept, entry in
                kept[entry.key] = fresh(entry.value, profile.credentials?[entry.key])
            }
        }
        news.capabilitiesUsed = capabilitiesUsed.map { all in
            all.reduce(into: [:]) { kept, entry in
                kept[entry.key] = fresh(entry.value, profile.capabilitiesUsed?[entry.key])
            }
        }
        news.executables = executables.filter { path, evidence in
            let known = profile.executables[path]
            return !Set(evidence.phases).isSubset(of: known?.phases ?? [])
                || !(evidence.parents ?? [:]).keys.allSatisfy { known?.parents?[$0] != nil }
                || !Set(evidence.origins ?? []).isSubset(of: known?.origins ?? [])
        }
        news.arguments = arguments.filter { name, evidence in
            let known = profile.arguments[name]?.values ?? [:]
            return evidence.overflowed || !evidence.values.allSatisfy { Set($1).isSubset(of: known[$0] ?? []) }
        }
        return news
    }
}
