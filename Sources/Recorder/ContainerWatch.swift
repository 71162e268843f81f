// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles

/// Finds the containers that a pattern names, or a systemd unit, as they are now and as they appear.
final class ContainerWatch {
    private let pattern: String
    /// The pattern is the full name of a systemd unit.
    private let isUnit: Bool
    private var emptiness = UnitEmptiness()
    private let waits: Bool
    private let takesExisting: Bool
    private let hierarchy: CgroupHierarchy
    private let index: ContainerIndex
    private var watched: [WatchedContainer] = []
    /// Cgroups that appeared and have no name yet: a runtime writes its state after it has made the cgroup.
    private var nameless: [UInt64: String] = [:]
    private var notes: [String] = []

    /// A watch for `pattern`. With `waits` nothing has to match yet; without `takesExisting` only what appears counts.
    convenience init(pattern: String, waits: Bool, takesExisting: Bool, in hierarchy: CgroupHierarchy) {
        self.init(pattern, isUnit: false, waits: waits, takesExisting: takesExisting, in: hierarchy)
    }

    /// A watch for a systemd unit, which need not run yet.
    convenience init(unit: String, in hierarchy: CgroupHierarchy) {
        self.init(SystemdUnit.fullName(unit), isUnit: true, waits: true, takesExisting: true, in: hierarchy)
    }

    private init(_ pattern: String, isUnit: Bool, waits: Bool, takesExisting: Bool, in hierarchy: CgroupHierarchy) {
        self.pattern = pattern
        self.isUnit = isUnit
        self.waits = waits
        self.takesExisting = takesExisting
        self.hierarchy = hierarchy
        index = ContainerIndex(hierarchy: hierarchy)
    }

    /// Looks at what exists, once everything is attached.
    func begin() throws(RecorderError) {
        guard takesExisting else { return }
        let found: [ContainerDescription]
        do {
            found =
                isUnit ? [try unit(in: SystemdUnit.cgroup(named: pattern, in: hierarchy))] : try index.match(pattern)
        } catch {
            guard !waits else {
                notes.append(
                    "waiting for " + (isUnit ? "" : "a container that matches ") + HostileText.escaped(pattern))
                return
            }
            throw .unavailable(error.description)
        }
        for container in found {
            guard let path = container.cgroupPath, let id = try? hierarchy.id(of: path) else { continue }
            watched.append(
                WatchedContainer(
                    cgroupID: id, cgroupPath: path, treePath: path, description: container, isGuess: false, isOld: true)
            )
            say(container)
        }
    }

    /// Says that a container is recorded: whoever waits for that may go on.
    private func say(_ container: ContainerDescription, isGuess: Bool = false) {
        let kind = isGuess || isUnit ? "" : " (\(container.engine.rawValue) \(container.id.prefix(12)))"
        notes.append("recording \(container.name)\(kind)")
    }

    /// Learns from a record which cgroups appear and when they are worth naming again.
    func see(_ record: Record) {
        switch record.kind {
        case .cgroupMade: consider(record.cgroupID, record.path)
        case .join, .exec:
            guard let path = nameless[record.cgroupID] else { return }
            consider(record.cgroupID, path)
        default: return
        }
    }

    private func consider(_ id: UInt64, _ path: String) {
        guard !watched.contains(where: { $0.cgroupID == id || path.hasPrefix($0.cgroupPath + "/") }) else { return }
        guard !isUnit else {
            if SystemdUnit.isCgroup(path, of: pattern) { adopt(id, path, unit(in: path)) }
            return
        }
        let leaf = path.split(separator: "/").last.map(String.init) ?? ""
        guard let container = index.describe(cgroupPath: path), container.engine != .systemd else {
            // A bare runtime's container is called like its cgroup, and may be gone before its state can be read.
            nameless[id] = path
            if leaf == pattern {
                adopt(id, path, ContainerDescription(id: leaf, name: leaf, engine: .runc), isGuess: true)
            }
            return
        }
        guard ContainerIndex.matches(pattern, container) else {
            nameless[id] = container.name == container.id ? path : nil
            return
        }
        adopt(id, container.cgroupPath ?? path, container)
    }

    private func unit(in path: String) -> ContainerDescription {
        let name = HostileText.escaped(pattern)
        var unit = ContainerDescription(id: name, name: name, engine: .systemd)
        unit.cgroupPath = path
        return unit
    }

    private func adopt(_ id: UInt64, _ path: String, _ container: ContainerDescription, isGuess: Bool = false) {
        nameless[id] = nil
        let own = (try? hierarchy.id(of: path)) ?? id
        watched.append(
            WatchedContainer(
                cgroupID: own, cgroupPath: path, treePath: treePath(of: path, own), description: container,
                isGuess: isGuess, isOld: false))
        say(container, isGuess: isGuess)
    }

    /// Where the tree shows a cgroup, which in a cgroup namespace is not the kernel's path (cgroup_namespaces(7)).
    private func treePath(of path: String, _ id: UInt64) -> String {
        guard isUnit, !hierarchy.exists(path), let found = try? SystemdUnit.cgroup(named: pattern, in: hierarchy),
            (try? hierarchy.id(of: found)) == id
        else { return path }
        return found
    }

    /// The slots of every watched container.
    func slots(of all: [SlotSnapshot]) -> [SlotSnapshot] { Self.slots(of: watched, in: all) }

    /// Those of the containers' own cgroups and of the cgroups below them, which the kernel may know better than a path
    /// that was cut.
    private static func slots(of containers: [WatchedContainer], in all: [SlotSnapshot]) -> [SlotSnapshot] {
        let own = Set(all.filter { slot in containers.contains { owns($0, slot) } }.map(\.index))
        return all.filter { own.contains($0.index) || own.contains($0.root) }
    }

    private static func owns(_ container: WatchedContainer, _ slot: SlotSnapshot) -> Bool {
        let path = HostileText.escaped(container.cgroupPath)
        return slot.cgroupID == container.cgroupID || slot.path == path || slot.path.hasPrefix(path + "/")
    }

    func includes(_ record: Record) -> Bool {
        watched.contains { $0.cgroupID == record.cgroupID }
    }

    /// Whether every container that was found has ended, and one was found.
    func hasEnded(_ slots: [SlotSnapshot]) -> Bool {
        for number in watched.indices where !watched[number].hasLived {
            watched[number].hasLived = watched[number].isOld || slots.contains { Self.owns(watched[number], $0) }
        }
        guard !watched.isEmpty else { return false }
        return watched.allSatisfy { container in
            guard hierarchy.exists(container.treePath) else { return true }
            let isEmpty = container.hasLived && (try? hierarchy.isPopulated(container.treePath)) != true
            return isUnit ? emptiness.lasts(isEmpty) : isEmpty
        }
    }

    /// Hands out what there is to say, once.
    func sayNotes(_ said: inout [String]) {
        said += notes
        notes = []
    }

    /// One profile a container name: a container that was restarted is one target with several starts.
    func profiles(_ facts: RecordedFacts, start: Date, end: Date, reasons: [String]) -> [BehaviourProfile] {
        var names: [String] = []
        for container in watched where !names.contains(container.description.name) {
            names.append(container.description.name)
        }
        return names.map { name in
            let same = watched.filter { $0.description.name == name }
            let slots = Self.slots(of: same, in: facts.slots)
            let builder = ProfileBuilder(facts: facts, slots: slots, keepsSessions: !isUnit, start: start, end: end)
            if isUnit {
                return builder.build(
                    key: name, target: ProfileTarget(kind: .unit, name: name), environment: HostEnvironment.ofPrograms,
                    reasons: reasons)
            }
            let container = refreshed(same[same.count - 1], in: facts, slots).description
            return builder.build(
                key: ProfileKey(container).text,
                target: ProfileTarget(
                    kind: .container, name: container.name, command: container.command,
                    engine: container.engine.rawValue, image: container.image,
                    digests: same.compactMap(\.description.digest).sorted()),
                environment: ProfileEnvironment(kernel: HostEnvironment.kernel, runtime: container.runtime),
                reasons: reasons)
        }
    }

    /// What is known now, if the container's state is still there and says more.
    private func refreshed(
        _ container: WatchedContainer, in facts: RecordedFacts, _ slots: [SlotSnapshot]
    ) -> WatchedContainer {
        var container = container
        if let now = index.describe(cgroupPath: container.cgroupPath), now.name == container.description.name {
            container.description = now
        } else if container.isGuess {
            // Its state is gone, but the runtime was seen in the cgroup before it became the program.
            let own = Set(slots.map(\.index))
            let isCrun = facts.subs.contains {
                own.contains($0.slot) && $0.calls[.setup] != nil && $0.path.split(separator: "/").last == "crun"
            }
            if isCrun { container.description.engine = .crun }
        }
        return container
    }
}
