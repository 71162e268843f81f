// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Platform
import Profiles

extension HostDaemon {
    /// Every profile in a few words, by key; those that cannot be read too.
    var profileList: JSONValue {
        let now = Date()
        let keeper = watch.keeper
        var all = keeper.profiles.mapValues { json($0, now) }
        for (key, reason) in keeper.unreadable where all[key] == nil {
            all[key] = ["key": .string(key), "state": "unreadable", "readiness": .string(reason)]
        }
        return .array(all.sorted { $0.key < $1.key }.map(\.value))
    }

    private func json(_ profile: BehaviourProfile, _ now: Date) -> JSONValue {
        let learning = profile.learning
        let readiness = learning.map { Readiness($0, share: watch.keeper.rule.share, now: now) }
        let value: JSONValue = [
            "key": .string(profile.key), "state": .string(learning?.state.rawValue ?? "recording"),
            "readiness": .string(Self.readiness(of: profile, rule: watch.keeper.rule, now: now)),
            "expectation": .optional(readiness.flatMap { $0.expectation.isEmpty ? nil : $0.expectation }),
            "upperBound": readiness.map { .number($0.upperBound) } ?? .null,
            "epochs": .count(learning?.epochs ?? profile.window.runs),
            "instances": .count(learning?.instances ?? profile.window.instances),
            "calls": .count(profile.calls.values.reduce(0) { $0 + $1.count }),
            "executables": .count(profile.executables.count), "held": .list(profile.heldEntries),
            "partial": .list(profile.window.partial), "isLocked": .bool(learning?.locked ?? false),
            "forcedBy": .optional(learning?.forced?.author), "importedBy": .optional(learning?.imported?.author),
            "image": .optional(profile.target.image), "digests": .list(profile.target.digests),
            "provisional": .list(learning?.provisional ?? []), "start": .date(profile.window.start),
            "end": .date(profile.window.end),
        ]
        return value.compact
    }

    /// The profile of the request's key; one that is not there is an error with a remedy.
    func profile(_ key: String) throws(ControlFailure) -> BehaviourProfile {
        guard let profile = watch.keeper.profiles[key] ?? watch.keeper.unfiled.find(key) else {
            throw ControlFailure(watch.keeper.missing(HostileText.isEscaped(key) ? key : HostileText.escaped(key)))
        }
        return profile
    }

    /// A profile as its file has it, or as another host can import it.
    func profileFile(_ request: ControlRequest, isExport: Bool) throws(ControlFailure) -> [UInt8] {
        let profile = try profile(try request.text("key"))
        do throws(ProfileError) {
            return try ProfileStore.encode(isExport ? Review.export(profile) : profile, for: profile.key)
        } catch { throw ControlFailure(error) }
    }

    /// What the second profile has otherwise than the first.
    func profileDiff(_ request: ControlRequest) throws(ControlFailure) -> [UInt8] {
        let old = try profile(try request.text("key"))
        let new = try profile(try request.text("other"))
        do throws(ProfileError) { return try ProfileDiff(from: old, to: new).encoded() } catch {
            throw ControlFailure(error)
        }
    }
}
