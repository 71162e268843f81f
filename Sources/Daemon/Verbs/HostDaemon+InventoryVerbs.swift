// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import FoundationEssentials
import Platform
import Profiles

extension HostDaemon {
    /// What is approved, and which of what runs is not.
    var approvedInventory: JSONValue {
        let running = judgedContainers
        let inventory = watch.unexpected.inventory
        let approved = (inventory?.approved ?? [:]).sorted { $0.key < $1.key }.map { key, approval -> JSONValue in
            [
                "key": .string(key), "author": .string(approval.author), "reason": .string(approval.reason),
                "date": .date(approval.date), "running": .count(running.filter { $0.key == key }.count),
            ]
        }
        let unexpected = Set(running.map(\.key)).filter { inventory?.contains($0) == false }.sorted()
        return [
            "schema": .string(ApprovedInventory.schemaName), "isKept": .bool(inventory != nil),
            "approved": .array(approved), "unexpected": .list(unexpected),
        ]
    }

    /// Approves of the keys that are named, or of all that run.
    func approveContainers(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let named = try request.texts("keys").map { key(of: $0) }
        let keys = Set(named.isEmpty ? judgedContainers.map(\.key) : named).sorted()
        let now = Date()
        let added: [String]
        do throws(ProfileError) {
            added = try watch.unexpected.change(watch.inventory.containers.values, now: now) {
                (inventory) throws(ProfileError) in
                try inventory.approve(keys, by: actor.author, reason: actor.reason, date: now)
            }
        } catch { throw Self.failure(error) }
        let running = Set(judgedContainers.map(\.key))
        let value: JSONValue = [
            "approved": .list(added), "already": .list(keys.filter { !added.contains($0) }),
            "notRunning": .list(keys.filter { !running.contains($0) }),
            "keys": .count(watch.unexpected.inventory?.approved.count ?? 0),
        ]
        return VerbOutcome(value, "approved \(added.isEmpty ? "nothing new" : added.joined(separator: ", "))")
    }

    /// Takes keys out of the inventory, or gives it up with `all`.
    func disapproveContainers(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        let keys = try request.texts("keys")
        let isAll = request.arguments["all"]?.bool == true
        guard keys.isEmpty == isAll else {
            throw ControlFailure(
                "\(request.verb.rawValue) needs either \"keys\" or \"all\"", remedy: "name the keys", exitCode: 64)
        }
        guard let inventory = watch.unexpected.inventory else {
            throw ControlFailure(
                "nobody keeps an inventory", remedy: "begin one with `ringfence containers --approve`", exitCode: 66)
        }
        let isKept = !isAll
        let gone = isAll ? inventory.approved.keys.sorted() : keys
        if let missing = gone.first(where: { !inventory.contains($0) }) {
            throw ControlFailure(
                "\(HostileText.printable(missing)) is not in the inventory",
                remedy: "see what is with `ringfence containers --inventory`", exitCode: 66)
        }
        do throws(ProfileError) {
            if isKept {
                try watch.unexpected.change(watch.inventory.containers.values, now: Date()) {
                    for key in gone { _ = $0.disapprove(key) }
                }
            } else {
                try watch.unexpected.giveUp()
            }
        } catch { throw Self.failure(error) }
        return VerbOutcome(
            ["disapproved": .list(gone), "isKept": .bool(isKept)],
            isKept
                ? "disapproved \(gone.joined(separator: ", "))"
                : "the inventory was given up: \(gone.joined(separator: ", "))")
    }

    private var judgedContainers: [TrackedContainer] {
        watch.inventory.containers.values.filter(UnexpectedContainers.isJudged)
    }

    /// People may name a container that runs for its key.
    private func key(of word: String) -> String {
        let running = judgedContainers
        if running.contains(where: { $0.key == word }) { return word }
        let named = Set(running.filter { $0.description.name == word || $0.description.id == word }.map(\.key))
        return named.count == 1 ? named.first ?? word : word
    }

    private static func failure(_ error: ProfileError) -> ControlFailure {
        ControlFailure(
            "cannot \(error.step == .write ? "write" : "change") \(error.subject): \(error.reason)",
            remedy: error.remedy, exitCode: error.step == .write ? 74 : 65)
    }
}
