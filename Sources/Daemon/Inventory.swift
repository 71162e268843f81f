// SPDX-License-Identifier: Apache-2.0
import CEvents
import Containers
import Events
import Platform
import Sensor

/// Which container each slot belongs to: follows cgroups as they are made, named, used and removed. Control thread.
final class Inventory {
    /// What became of a cgroup, for whoever must act on it.
    enum Change {
        /// A container was found; its slots follow as `joined`.
        case appeared(TrackedContainer)
        /// A slot belongs to a container.
        case joined(slot: UInt32, TrackedContainer)
        /// A slot belongs to nothing that is watched.
        case ignored(slot: UInt32)
        /// All cgroups of a container are gone; its slots can be read a last time and given back.
        case ended(TrackedContainer)
        /// The slot of a cgroup that is not watched can be given back.
        case released(slot: UInt32)
    }

    /// Who gets the facts of a cgroup that replaced programs kept.
    enum Heir {
        case container(TrackedContainer)
        /// It is not watched.
        case nobody
        /// It has no name yet.
        case later
    }

    private enum Owner {
        case container(TrackedContainer)
        case nobody
        case waiting
    }

    private struct Known {
        let cgroupID: UInt64
        let path: String
        var owner: Owner
    }

    /// How long after a cgroup's end its slot is left alone: programs that still look at it need microseconds.
    private static let grace: UInt64 = 500_000_000

    /// Names of cgroups without tasks that are remembered; beyond, they are named when a task appears.
    private static let resultLimit = 8192

    let hierarchy: CgroupHierarchy
    private let scope: ContainerScope
    private let own: String?
    private var naming: ContainerNaming
    private var known: [UInt32: Known] = [:]
    private var slotOf: [UInt64: UInt32] = [:]
    private var results: [UInt64: NamedCgroup] = [:]
    private var removed: [UInt64: UInt64] = [:]
    /// By the path of the cgroup that stands for them.
    private(set) var containers: [String: TrackedContainer] = [:]

    init(hierarchy: CgroupHierarchy, scope: ContainerScope) {
        self.hierarchy = hierarchy
        self.scope = scope
        own = try? hierarchy.ownCgroup()
        naming = ContainerNaming(index: ContainerIndex(hierarchy: hierarchy))
    }

    /// What naming counted.
    var namingCounters: ContainerNaming.Counters { naming.counters }

    /// When `service` has something to do, nanoseconds of CLOCK_BOOTTIME; nil if nothing waits.
    var deadline: UInt64? {
        [naming.nextRetry, removed.values.min().map { $0 + Self.grace }].compactMap { $0 }.min()
    }

    /// Slots of all containers.
    var slots: some Sequence<UInt32> { containers.values.lazy.flatMap(\.slots) }

    /// What containers have lost of one kind of fact and is to be told now; `lost` is what a slot has.
    func take(
        _ losses: inout ContainerLosses, _ lost: (UInt32) -> UInt64
    ) -> [(container: TrackedContainer, lost: UInt64)] {
        let sums = containers.mapValues { $0.slots.reduce(0) { $0 + lost($1) } }
        return losses.take(sums, now: BootClock.nanoseconds).compactMap { path, lost in
            containers[path].map { ($0, lost) }
        }
    }

    /// Slots of cgroups that are not watched.
    var ignoredSlots: [UInt32] {
        known.compactMap { index, entry in
            if case .nobody = entry.owner { index } else { nil }
        }
    }

    /// The container that a slot belongs to while a cgroup has it, if any.
    func container(at place: WatchBoard.Place) -> TrackedContainer? {
        guard let entry = known[place.slot], entry.cgroupID == place.cgroupID,
            case .container(let container) = entry.owner
        else { return nil }
        return container
    }

    /// Whether every cgroup of a container that has a slot was removed, and it ends when that was a moment ago.
    func isLeaving(_ container: TrackedContainer) -> Bool {
        container.departed.isEmpty && !container.slots.isEmpty
            && container.slots.allSatisfy { slot in known[slot].map { removed[$0.cgroupID] != nil } ?? false }
    }

    /// Gives up the room that many cgroups have taken, and that few do not need.
    func giveBackRoom() {
        known.giveBackRoom()
        slotOf.giveBackRoom()
        results.giveBackRoom()
        removed.giveBackRoom()
        containers.giveBackRoom()
    }

    /// Takes a record about a cgroup's life.
    func see(_ record: Record, now: UInt64) -> [Change] {
        switch record.kind {
        case .cgroupMade:
            let path = Self.path(record.path, isCut: record.pathIsCut)
            return take(naming.appeared(record.cgroupID, path: path, now: now), now)
        case .cgroupRemoved:
            removed[record.cgroupID] = now
            return take(naming.removed(record.cgroupID, now: now), now)
        default: return take(naming.happened(in: record.cgroupID, now: now), now)
        }
    }

    /// Looks for slots that are new, tries names again, and lets go of what is gone.
    func service(_ sensor: Sensor, now: UInt64) -> [Change] {
        var changes: [Change] = []
        for index in 0..<sensor.slotsUsed {
            guard let cgroupID = sensor.cgroup(ofSlot: index) else { continue }
            guard known[index]?.cgroupID != cgroupID else {
                // The record of its removal may have been lost.
                if removed[cgroupID] == nil, sensor.isRemoved(slot: index) {
                    removed[cgroupID] = now
                    changes += take(naming.removed(cgroupID, now: now), now)
                }
                continue
            }
            guard let slot = sensor.slot(at: index) else { continue }
            changes += found(slot, now)
        }
        for result in naming.retry(now: now) { changes += take(result, now) }
        for (cgroupID, time) in removed where now >= time + Self.grace {
            removed[cgroupID] = nil
            changes += forget(cgroupID)
        }
        return changes
    }

    private func found(_ slot: SlotSnapshot, _ now: UInt64) -> [Change] {
        let path = Self.path(slot.path, isCut: slot.pathIsCut)
        known[slot.index] = Known(cgroupID: slot.cgroupID, path: path, owner: .waiting)
        slotOf[slot.cgroupID] = slot.index
        let isRemoved = slot.has(UInt32(RF_SLOT_REMOVED)) || removed[slot.cgroupID] != nil
        // From now on: whoever waits for its name must see it before it is forgotten.
        if isRemoved { removed[slot.cgroupID] = now }
        if let container = enclosing(path) { return join(slot.index, container) }
        if let result = results[slot.cgroupID] { return settle(slot.index, result, now) }
        if path == "/" { return settle(slot.index, nothing(slot.cgroupID, path), now) }
        let result = naming.appeared(slot.cgroupID, path: path, now: now)
        // It is gone already, and its removal was told before its slot was seen: there is nothing to wait for.
        return take(result ?? (isRemoved ? naming.removed(slot.cgroupID, now: now) : nil), now)
    }

    /// A path of which only the end fitted is nobody's: it could end like another container's.
    private static func path(_ path: String, isCut: Bool) -> String {
        isCut ? "(cut)" + path : path.isEmpty ? "/" : path
    }

    private func nothing(_ cgroupID: UInt64, _ path: String) -> NamedCgroup {
        NamedCgroup(cgroupID: cgroupID, path: path, state: .unknown, container: nil)
    }

    /// The container whose cgroup this is or lies above it.
    private func enclosing(_ path: String) -> TrackedContainer? { Self.enclosing(path, in: containers) }

    private static func enclosing(_ path: String, in containers: [String: TrackedContainer]) -> TrackedContainer? {
        if let container = containers[path] { return container }
        var path = path[...]
        while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            path = path[..<slash]
            if let container = containers[String(path)] { return container }
        }
        return nil
    }

    private func take(_ result: NamedCgroup?, _ now: UInt64) -> [Change] {
        guard let result else { return [] }
        if let slot = slotOf[result.cgroupID] { return settle(slot, result, now) }
        // For its slot, which is made with its first task; most cgroups never have one.
        if removed[result.cgroupID] == nil, results.count < Self.resultLimit { results[result.cgroupID] = result }
        return []
    }

    private func settle(_ slot: UInt32, _ result: NamedCgroup, _ now: UInt64) -> [Change] {
        if let container = enclosing(result.path) { return join(slot, container) }
        let standing = scope.standing(of: result.path, container: result.container, own: own)
        guard standing.isInScope else {
            known[slot]?.owner = .nobody
            return [.ignored(slot: slot)]
        }
        if let container = containers[standing.path] { return join(slot, container) }
        let container = tracked(result, standing, now)
        containers[standing.path] = container
        return [.appeared(container)] + join(slot, container)
    }

    private func join(_ slot: UInt32, _ container: TrackedContainer) -> [Change] {
        known[slot]?.owner = .container(container)
        container.slots.insert(slot)
        return [.joined(slot: slot, container)]
    }

    private func forget(_ cgroupID: UInt64) -> [Change] {
        results[cgroupID] = nil
        guard let slot = slotOf.removeValue(forKey: cgroupID), let entry = known.removeValue(forKey: slot) else {
            return []
        }
        guard case .container(let container) = entry.owner else { return [.released(slot: slot)] }
        // Given back when its facts are saved: with the epoch, or with the container.
        container.departed.insert(slot)
        let isLast = container.slots.allSatisfy { known[$0] == nil }
        guard isLast, entry.path == container.path || !hierarchy.exists(container.path) else { return [] }
        containers[container.path] = nil
        container.isGone = true
        return [.ended(container)]
    }

    /// Whose the facts of a cgroup are that replaced programs kept. One without a slot is gone, or has no task: what is known
    /// of it is in `gone` under the path of its container, and ends at once.
    func heir(
        of slot: SlotSnapshot, gone: inout [String: TrackedContainer], now: UInt64, isLast: Bool
    ) -> Heir {
        let path = Self.path(slot.path, isCut: slot.pathIsCut)
        guard path != "/" else { return .nobody }
        if let index = slotOf[slot.cgroupID], let entry = known[index] {
            switch entry.owner {
            case .container(let container): return .container(container)
            case .nobody: return .nobody
            case .waiting: if !isLast { return .later }
            }
        }
        // Another cgroup of the same path is another instance's.
        if let container = Self.enclosing(path, in: gone) ?? enclosing(path), container.isGone || container.path != path
        {
            return .container(container)
        }
        let result =
            results[slot.cgroupID] ?? naming.appeared(slot.cgroupID, path: path, now: now)
            ?? naming.removed(slot.cgroupID, now: now) ?? nothing(slot.cgroupID, path)
        let standing = scope.standing(of: result.path, container: result.container, own: own)
        guard standing.isInScope else { return .nobody }
        if standing.path != path, let container = containers[standing.path] { return .container(container) }
        let container = tracked(result, standing, now)
        container.isGone = true
        gone[standing.path] = container
        return .container(container)
    }

    private func tracked(_ result: NamedCgroup, _ standing: CgroupStanding, _ now: UInt64) -> TrackedContainer {
        let name = HostileText.escaped(standing.path.split(separator: "/").last.map(String.init) ?? "/")
        return TrackedContainer(
            result.container ?? ContainerDescription(id: name, name: name, engine: .systemd), path: standing.path,
            role: standing.role, now: now)
    }
}
