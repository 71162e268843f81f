// SPDX-License-Identifier: Apache-2.0
import Platform

/// Names cgroups as they appear. A runtime makes the cgroup first and writes its state later, so what cannot be named at
/// once is tried again, at growing intervals and whenever something happens in it. A try reads the files of that one
/// container; directories are never listed for an event. Every cgroup gives exactly one result, unless it is removed and
/// was named before. For one thread; times are monotonic nanoseconds of the caller's clock.
package struct ContainerNaming: Sendable {
    /// The bounds.
    package struct Limits: Sendable {
        /// The most cgroups that wait for a name; one more is `unknown` at once, and counted.
        package var waiting = 4096
        /// The most containers whose names are kept for the cgroups below them.
        package var remembered = 8192
        /// The most tries in one call of `retry`.
        package var triesAtOnce = 64
        /// The time to the second try; each later one is twice as long after.
        package var firstDelayNanoseconds: UInt64 = 5_000_000
        /// The longest time between two tries.
        package var longestDelayNanoseconds: UInt64 = 1_000_000_000
        /// How often a cgroup is tried before it is `unknown`: with these delays for about six seconds.
        package var tries = 13
        /// The shortest time between two looks for engines that were started since.
        package var refreshNanoseconds: UInt64 = 2_000_000_000

        package init() {}
    }

    /// What happened so far.
    package struct Counters: Equatable, Sendable {
        /// Cgroups that appeared.
        package var appeared: UInt64 = 0
        /// Results by state.
        package var named: UInt64 = 0
        package var unknown: UInt64 = 0
        package var gone: UInt64 = 0
        /// Of `unknown`, those for which there was no room to wait.
        package var overflowed: UInt64 = 0
        /// How often a container's files were looked for.
        package var tries: UInt64 = 0
        /// How often engines were looked for.
        package var refreshes: UInt64 = 0
    }

    private struct Waiting {
        let path: String
        var tries = 1
        var due: UInt64
        var best: ContainerDescription?
    }

    /// What happened so far.
    package private(set) var counters = Counters()
    /// How many cgroups wait for a name.
    package var waitingCount: Int { waiting.count }

    private let limits: Limits
    private var index: ContainerIndex
    private var waiting: [UInt64: Waiting] = [:]
    /// A time that is not after the first `due`.
    private var earliest = UInt64.max
    private var lastRefresh: UInt64?
    /// Named containers by the path of their cgroup, and the ids of those cgroups.
    private var remembered: [String: ContainerDescription] = [:]
    private var rememberedPaths: [UInt64: String] = [:]

    package init(index: ContainerIndex, limits: Limits = Limits()) {
        self.index = index
        self.limits = limits
    }

    /// When `retry` has something to do, nil if nothing waits: a poll need not wake up earlier.
    package var nextRetry: UInt64? { waiting.isEmpty ? nil : earliest }

    /// A cgroup was made, or exists already. The result if there is one at once; else it comes from `retry`, `happened` or
    /// `removed`.
    package mutating func appeared(_ cgroupID: UInt64, path: String, now: UInt64) -> NamedCgroup? {
        counters.appeared &+= 1
        waiting[cgroupID] = nil
        if let parsed = CgroupPath(path), parsed.engine != .systemd, !parsed.innerPath.isEmpty,
            let container = remembered[parsed.containerPath]
        {
            return result(cgroupID, path, .named, container)
        }
        // What can never be a container's is not waited for.
        let leaf = path.split(separator: "/").last ?? ""
        guard !leaf.isEmpty, !leaf.hasSuffix(".slice") else { return result(cgroupID, path, .unknown, nil) }
        let found = look(path)
        if isFinal(found) { return named(cgroupID, path, found) }
        guard waiting.count < limits.waiting else {
            counters.overflowed &+= 1
            return result(cgroupID, path, .unknown, found)
        }
        let due = now &+ limits.firstDelayNanoseconds
        waiting[cgroupID] = Waiting(path: path, due: due, best: found)
        earliest = min(earliest, due)
        return nil
    }

    /// Something happened in a cgroup (a process joined it or executed a program): if it waits it is tried now. A runtime has
    /// written its state by the time its container executes something.
    package mutating func happened(in cgroupID: UInt64, now: UInt64) -> NamedCgroup? {
        guard waiting[cgroupID] != nil else { return nil }
        return attempt(cgroupID, now)
    }

    /// Tries what is due, `limits.triesAtOnce` at most, those first that have waited longest.
    package mutating func retry(now: UInt64) -> [NamedCgroup] {
        guard now >= earliest else { return [] }
        refresh(now)
        let due = waiting.filter { $0.value.due <= now }.sorted { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
        let results = due.prefix(limits.triesAtOnce).compactMap { attempt($0.key, now) }
        earliest = waiting.values.lazy.map(\.due).min() ?? .max
        return results
    }

    /// A cgroup was removed. The result if it had none yet: its state may outlive the cgroup by a moment, and is tried a last
    /// time.
    package mutating func removed(_ cgroupID: UInt64, now: UInt64) -> NamedCgroup? {
        if let path = rememberedPaths.removeValue(forKey: cgroupID) { remembered[path] = nil }
        guard let entry = waiting.removeValue(forKey: cgroupID) else { return nil }
        let last = look(entry.path)
        let found = last?.hasState == true ? last : entry.best ?? last
        return isFinal(found) || found?.hasState == true
            ? result(cgroupID, entry.path, .named, found) : result(cgroupID, entry.path, .gone, found)
    }

    private mutating func attempt(_ cgroupID: UInt64, _ now: UInt64) -> NamedCgroup? {
        guard var entry = waiting[cgroupID] else { return nil }
        let found = look(entry.path)
        entry.tries += 1
        if let found { entry.best = found }
        if isFinal(found) {
            waiting[cgroupID] = nil
            return named(cgroupID, entry.path, found)
        }
        guard entry.tries < limits.tries else {
            waiting[cgroupID] = nil
            // A machine's name is in its path, and not every kind of machine has a file.
            let isMachine = entry.best?.engine == .lxc || entry.best?.engine == .nspawn
            let isNamed = isMachine || entry.best?.hasState == true
            return result(cgroupID, entry.path, isNamed ? .named : .unknown, entry.best)
        }
        let doubled = limits.firstDelayNanoseconds << UInt64(min(entry.tries - 1, 20))
        entry.due = now &+ min(doubled, limits.longestDelayNanoseconds)
        waiting[cgroupID] = entry
        earliest = min(earliest, entry.due)
        return nil
    }

    private mutating func look(_ path: String) -> ContainerDescription? {
        counters.tries &+= 1
        return index.describe(cgroupPath: path, lookingForEngines: false)
    }

    /// Whether trying again would not tell more: its state was read, or it is a unit, which has none.
    private func isFinal(_ found: ContainerDescription?) -> Bool {
        guard let found else { return false }
        return found.hasState && !found.isInterrupted || found.engine == .systemd
    }

    private mutating func refresh(_ now: UInt64) {
        if let last = lastRefresh, now &- last < limits.refreshNanoseconds { return }
        lastRefresh = now
        counters.refreshes &+= 1
        index.findEngines()
    }

    private mutating func named(_ id: UInt64, _ path: String, _ found: ContainerDescription?) -> NamedCgroup {
        if let found, found.engine != .systemd, found.cgroupPath == path, remembered.count < limits.remembered {
            remembered[path] = found
            rememberedPaths[id] = path
        }
        return result(id, path, .named, found)
    }

    private mutating func result(
        _ id: UInt64, _ path: String, _ state: NamedCgroup.State, _ container: ContainerDescription?
    ) -> NamedCgroup {
        switch state {
        case .named: counters.named &+= 1
        case .unknown: counters.unknown &+= 1
        case .gone: counters.gone &+= 1
        }
        return NamedCgroup(cgroupID: id, path: path, state: state, container: container)
    }
}
