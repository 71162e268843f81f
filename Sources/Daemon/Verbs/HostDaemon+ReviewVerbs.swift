// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Events
import FoundationEssentials
import Platform
import Profiles

extension HostDaemon {
    /// Joins other profiles into the one of the key; they stay as they are.
    func merge(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let key = try request.text("key")
        let others = try request.texts("others")
        guard !others.isEmpty, !others.contains(key) else {
            throw ControlFailure("profile.merge needs other profiles to merge", exitCode: 64)
        }
        var merged = try profile(key)
        var added = 0
        for other in others {
            let second = try profile(other)
            do throws(ProfileError) {
                let before = merged
                merged = try Review.merge(merged, second).merged
                added += ProfileDiff(from: before, to: merged).changes.count
                // Whether it learns or is compared is the first one's, and nothing is decided by a merge.
                merged.learning?.state = before.learning?.state ?? .learning
            } catch { throw ControlFailure(error) }
        }
        try store(merged)
        return VerbOutcome(
            ["key": .string(key), "changes": .count(added)], "from \(others.joined(separator: ", ")), \(added) changes")
    }

    /// Approves entries that are held, or without entries the whole profile: it is compared from now on.
    func approve(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let entries = try expand(try request.texts("entries"))
        guard entries.isEmpty else {
            return try decide(request, entries, by: actor) { entry, profile, decider throws(ProfileError) in
                try Review.accept(entry, in: profile, by: decider)
            }
        }
        let before = try profile(try request.text("key"))
        let now = Date()
        if let learning = before.learning, learning.state == .learning, !request.flag("force") {
            let readiness = Readiness(learning, share: watch.keeper.rule.share, now: now)
            guard readiness.isReady else {
                throw ControlFailure(
                    "the profile \(before.key) is not ready: it \(readiness.sentence)",
                    remedy: "wait, or approve it all the same with --force, which the profile will say", exitCode: 65)
            }
        }
        let approved: BehaviourProfile
        do throws(ProfileError) {
            approved = try Review.approve(before, rule: watch.keeper.rule, by: actor.decider(now))
        } catch { throw ControlFailure(error) }
        try store(approved)
        let held = before.heldEntries
        return VerbOutcome(
            ["key": .string(before.key), "state": "monitoring", "held": .list(held)], "the whole profile")
    }

    /// Holds or rejects entries.
    func decide(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let entries = try expand(try request.texts("entries"))
        guard !entries.isEmpty else {
            throw ControlFailure(
                "\(request.verb.rawValue) needs entries", remedy: "name them, as calls/x86_64/ptrace", exitCode: 64)
        }
        let isHold = request.verb == .profileHold
        let outcome = try decide(request, entries, by: actor) { entry, profile, decider throws(ProfileError) in
            try isHold
                ? Review.hold(entry, in: profile, by: decider) : Review.reject(entry, in: profile, by: decider)
        }
        if !isHold { forget(entries, of: try request.text("key")) }
        return outcome
    }

    private func decide(
        _ request: ControlRequest, _ entries: [String], by actor: VerbActor,
        _ body: (String, BehaviourProfile, Review.Decider) throws(ProfileError) -> BehaviourProfile
    ) throws(ControlFailure) -> VerbOutcome {
        var profile = try profile(try request.text("key"))
        let decider = actor.decider(Date())
        do throws(ProfileError) {
            for entry in entries { profile = try body(entry, profile, decider) }
        } catch { throw ControlFailure(error) }
        try store(profile)
        return VerbOutcome(
            ["key": .string(profile.key), "entries": .list(entries), "held": .list(profile.heldEntries)],
            entries.joined(separator: ", "))
    }

    /// What was rejected is told again when it is done again.
    private func forget(_ entries: [String], of key: String) {
        for entry in entries {
            guard let item = FindingItem(profileEntry: entry), item.kind != .ioOperation else { continue }
            writer.inbox.send(.decided(item, profile: key))
        }
    }

    /// Back to learning with a fresh window.
    func relearn(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let profile = try profile(try request.text("key"))
        let keeps = request.flag("keep")
        let fresh: BehaviourProfile
        do throws(ProfileError) {
            fresh = try Review.relearn(
                profile, rule: watch.keeper.rule, keepingEntries: keeps, by: actor.decider(Date()))
        } catch { throw ControlFailure(error) }
        try store(fresh)
        return VerbOutcome(["key": .string(profile.key), "state": "learning"], keeps ? "entries are kept" : "")
    }

    /// Locks or unlocks.
    func lock(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let isLocked = request.arguments["locked"]?.bool ?? true
        let profile = Review.lock(try profile(try request.text("key")), isLocked, now: Date())
        try store(profile)
        return VerbOutcome(
            ["key": .string(profile.key), "isLocked": .bool(isLocked)], isLocked ? "locked" : "unlocked")
    }

    /// Makes a recording the baseline of a key. One that is compared already is replaced on demand only.
    func importProfile(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let key = try request.text("key")
        guard key.utf8.count <= 1024, HostileText.isEscaped(key) else {
            throw ControlFailure("a key is 1 to 1024 bytes of printable text", exitCode: 64)
        }
        guard let value = request.arguments["profile"], value.members != nil else {
            throw ControlFailure("profile.import needs the argument \"profile\", an object", exitCode: 64)
        }
        let source = HostileText.escaped(request.arguments["source"]?.text ?? "a recording")
        let before = watch.keeper.profiles[key]
        if let before, before.learning?.state == .monitoring || before.learning?.locked == true, !request.flag("force")
        {
            throw ControlFailure(
                "there is a profile \(key) already, and it is \(before.learning?.locked == true ? "locked" : "compared")",
                remedy: "replace it with --force; its file is kept as .previous", exitCode: 65)
        }
        if let reason = watch.keeper.unreadable[key] {
            throw ControlFailure(
                "the profile \(key) is there and cannot be read: \(reason)", remedy: "mend or remove its file",
                exitCode: 65)
        }
        let baseline: BehaviourProfile
        do throws(ProfileError) {
            let recording = try ProfileStore.decode(value.bytes, from: source)
            guard recording.architecture == .current else {
                throw ProfileError(
                    .review, source, reason: "it was recorded on \(recording.architecture.rawValue)",
                    remedy: "record it on a machine of this architecture")
            }
            baseline = try Review.importing(
                recording, as: key, from: source, rule: watch.keeper.rule, by: actor.decider(Date()))
        } catch { throw ControlFailure(error) }
        try store(baseline)
        let users = watch.inventory.containers.values.filter { $0.key == key }.map(\.description.name).sorted()
        return VerbOutcome(
            [
                "key": .string(key), "state": "monitoring", "held": .list(baseline.heldEntries),
                "replaced": .bool(before != nil), "containers": .list(users),
            ], "from \(source)" + (before == nil ? "" : ", in the place of what was there"))
    }

    /// Saves a profile and gives its containers their new tables.
    private func store(_ profile: BehaviourProfile) throws(ControlFailure) {
        do throws(ProfileError) { try watch.keeper.put(profile, now: Date()) } catch { throw ControlFailure(error) }
        watch.tables.refresh(profile.key, now: BootClock.nanoseconds)
    }

    /// Entries as people write them: `ptrace` is the call of the machine's own table, `/bin/sh` the executable.
    private func expand(_ entries: [String]) throws(ControlFailure) -> [String] {
        try entries.map { text throws(ControlFailure) in
            if ProfileEntry.isValid(text) { return text }
            let candidates = [
                ProfileEntry.call(text, abi: CallABI.native.name(on: .current)), ProfileEntry.ioUring(text),
                ProfileEntry.peer(text), ProfileEntry.executable(text),
            ]
            let isPath = text.hasPrefix("/")
            guard
                let entry = candidates.first(where: {
                    ProfileEntry.isValid($0) && $0.hasPrefix("executables") == isPath
                })
            else {
                throw ControlFailure(
                    "\"\(HostileText.escaped(text.utf8.prefix(200)))\" is not an entry of a profile",
                    remedy: "write \(ProfileEntry.forms)", exitCode: 64)
            }
            return entry
        }
    }
}
