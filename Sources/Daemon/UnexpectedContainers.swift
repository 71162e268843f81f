// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import FoundationEssentials
import Platform
import Profiles

/// Tells of containers whose keys nobody has approved, once each, where there is an inventory of those that are. Control
/// thread.
final class UnexpectedContainers {
    private struct Instance: Hashable {
        let id: String
        let key: String
    }

    private let path: String
    /// What is approved; nil while nobody keeps an inventory.
    private(set) var inventory: ApprovedInventory?
    /// What had to be mended when it was read.
    let notes: [String]
    private var pending: [TrackedContainer] = []
    private var told: Set<Instance> = []

    init(stateDirectory: String, now: Date) throws(ProfileError) {
        path = stateDirectory + "/inventory.json"
        (inventory, notes) = try ApprovedInventory.load(path, now: now)
    }

    /// Takes over what earlier daemons have told.
    func takeOver(_ earlier: EarlierAlerts) {
        guard inventory != nil else { return }
        for alert in earlier.all {
            for item in alert.items where item.rule == .unexpectedContainer {
                told.insert(Instance(id: alert.container.id, key: item.item.name))
            }
        }
    }

    /// A container was found.
    func add(_ container: TrackedContainer) {
        if inventory != nil { pending.append(container) }
    }

    /// What is to be told of those whose posture is known by now.
    func service(now: Moment) -> [Finding] {
        guard !pending.isEmpty else { return [] }
        let known = pending.filter { $0.posture != nil }
        pending.removeAll { $0.posture != nil }
        return known.compactMap { judge($0, now: now) }
    }

    /// What is to be told of one that is gone; its posture was read as far as that was possible.
    func end(_ container: TrackedContainer, now: Moment) -> Finding? {
        pending.removeAll { $0 === container }
        let finding = judge(container, now: now)
        told.remove(Instance(id: container.description.id, key: container.key))
        return finding
    }

    /// Changes the inventory, which begins with the first change, and judges `containers` by it.
    func change<Result>(
        _ containers: some Sequence<TrackedContainer>, now: Date,
        _ body: (inout ApprovedInventory) throws(ProfileError) -> Result
    ) throws(ProfileError) -> Result {
        var changed = inventory ?? ApprovedInventory()
        let result = try body(&changed)
        try changed.save(to: path, now: now)
        inventory = changed
        pending = Array(containers)
        return result
    }

    /// Nobody keeps an inventory any more.
    func giveUp() throws(ProfileError) {
        try ApprovedInventory.remove(path)
        inventory = nil
        pending = []
    }

    /// Whether it is one that would have to be approved: units are not started by engines.
    static func isJudged(_ container: TrackedContainer) -> Bool { container.description.engine != .systemd }

    private func judge(_ container: TrackedContainer, now: Moment) -> Finding? {
        guard let inventory, Self.isJudged(container), !inventory.contains(container.key),
            told.insert(Instance(id: container.description.id, key: container.key)).inserted
        else { return nil }
        return Finding(
            rule: .unexpectedContainer, item: FindingItem(.container, container.key), time: now,
            container: AlertContainer(container.description, posture: container.headlines),
            detail: Self.sentence(container))
    }

    private static func sentence(_ container: TrackedContainer) -> String {
        let origin = ContainerOrigin(container.description)
        var words = ["image \(origin.image ?? "not known")"]
        let user = origin.owner == 0 ? "root" : "user \(origin.owner)"
        words.append("started through \(user)'s \(origin.engine)" + (origin.runtime.map { " (\($0))" } ?? ""))
        if let created = origin.created { words.append("made at \(created)") }
        if let workload = origin.workload { words.append("part of \(workload)") }
        return "the container \(container.description.name) runs, and nobody has approved \(container.key): "
            + words.joined(separator: ", ")
    }
}
