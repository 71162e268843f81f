// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Sensor

/// The target of a recording in the kernel's terms: which cgroups' facts are its own, and when it has ended.
final class RecordedTarget {
    /// Made for a command; nil for everything that exists already.
    let ownCgroup: RecordingCgroup?
    private let request: RecordingRequest
    private let hierarchy: CgroupHierarchy
    /// The cgroup of a `--cgroup` or `--unit` recording.
    private let cgroupPath: String?
    private let watch: ContainerWatch?
    private var wasPopulated = false
    private var emptiness = UnitEmptiness()
    private var firstExecutable: String?
    /// What a recorded process runs, when the recording begins.
    private var executable: String?

    init(_ request: RecordingRequest, in hierarchy: CgroupHierarchy) throws(RecorderError) {
        self.request = request
        self.hierarchy = hierarchy
        var own: RecordingCgroup?
        var path: String?
        var watch: ContainerWatch?
        do {
            switch request.target {
            case .command: own = try RecordingCgroup(in: hierarchy)
            case .cgroup(let name): path = try Self.existing(name, in: hierarchy)
            case .unit(let name, waits: true): watch = ContainerWatch(unit: name, in: hierarchy)
            case .unit(let name, waits: false): path = try SystemdUnit.cgroup(named: name, in: hierarchy)
            case .process(let pid):
                guard kill(pid, 0) == 0 || errno == EPERM else {
                    throw RecorderError.unavailable("there is no process \(pid); see `ps -e`")
                }
            case .container(let pattern, let waits, let command):
                watch = ContainerWatch(
                    pattern: pattern, waits: waits, takesExisting: command == nil, in: hierarchy)
            }
        } catch let error as RecorderError { throw error } catch { throw .unavailable("\(error)") }
        ownCgroup = own
        cgroupPath = path
        self.watch = watch
        if case .process(let pid) = request.target {
            executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/exe"))
                .map { HostileText.escaped($0) }
        }
    }

    private static func existing(_ name: String, in hierarchy: CgroupHierarchy) throws(RecorderError) -> String {
        let plain = "/" + name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        let path = hierarchy.path(ofDirectory: plain) ?? plain
        guard !path.split(separator: "/").contains(".."), hierarchy.exists(path) else {
            let isOther = plain == "/sys/fs/cgroup" || plain.hasPrefix("/sys/fs/cgroup/")
            throw .unavailable(
                isOther && hierarchy.path(ofDirectory: plain) == nil
                    ? "\(HostileText.escaped(name)) is not in the cgroup tree that is recorded, which is mounted at "
                        + "\(hierarchy.mountPoint): give a directory below it, or / for the whole host"
                    : "there is no cgroup \(HostileText.escaped(name)) below \(hierarchy.mountPoint); see `systemd-cgls`"
            )
        }
        return path
    }

    func configuration(for request: RecordingRequest, in hierarchy: CgroupHierarchy) throws(RecorderError)
        -> SensorConfiguration
    {
        var configuration: SensorConfiguration
        do {
            switch request.target {
            case .command:
                configuration = SensorConfiguration(
                    scope: .cgroup(id: ownCgroup?.id ?? 0))
                // Nobody is in a cgroup that was made a moment ago.
                configuration.findsExistingTasks = false
            case .container, .unit(_, waits: true): configuration = SensorConfiguration(scope: .everything)
            case .cgroup, .unit:
                let path = cgroupPath ?? "/"
                configuration = SensorConfiguration(
                    scope: .cgroup(id: try hierarchy.id(of: path)))
            case .process(let pid): configuration = SensorConfiguration(scope: .process(UInt32(pid)))
            }
        } catch { throw .unavailable(error.description) }
        let isWide = configuration.scope == .everything
        configuration.slots = request.slots ?? (isWide ? 2048 : 256)
        configuration.subslots = isWide ? 8192 : 2048
        configuration.countPages = request.countsCalls ? (isWide ? 1024 : 512) : 0
        configuration.watchesDenials = request.watchesDenials
        configuration.keepsOptions = true
        configuration.keepsSteady = true
        configuration.fallbackOnly = request.fallbackOnly
        switch hierarchy.kind {
        case .unified:
            guard request.watchesPeers else { break }
            // Hooks of one cgroup cost the rest of the host nothing. Containers can appear anywhere.
            let path = ownCgroup?.path ?? cgroupPath ?? "/"
            configuration.network = hierarchy.directory(of: isWide ? "/" : path)
            configuration.peers = isWide ? 8192 : 2048
            configuration.names = request.readsNames
        case .legacy(let controller): configuration.legacyController = controller
        }
        return configuration
    }

    /// Whether the target is one cgroup and what is below it.
    var isOneCgroup: Bool { ownCgroup != nil || cgroupPath != nil }

    /// Called once everything is attached, before a command is started.
    func begin(_ sensor: Sensor) throws(RecorderError) { try watch?.begin() }

    func see(_ record: Record) {
        watch?.see(record)
        if firstExecutable == nil, record.kind == .exec, ownCgroup != nil { firstExecutable = record.path }
    }

    /// The slots whose facts are the target's.
    func slots(of all: [SlotSnapshot]) -> [SlotSnapshot] {
        watch?.slots(of: all) ?? all
    }

    func includes(_ record: Record) -> Bool { watch?.includes(record) ?? true }

    /// Whether a target that we did not start has ended.
    func hasEnded(_ sensor: Sensor) -> Bool {
        switch request.target {
        case .command: return false
        case .container, .unit(_, waits: true): return watch?.hasEnded(sensor.slots) ?? true
        case .process:
            return sensor.slots.reduce(0) { $0 + $1.liveWorkload } <= 0
        case .cgroup, .unit:
            let path = cgroupPath ?? "/"
            guard hierarchy.exists(path) else { return wasPopulated }
            let isPopulated = (try? hierarchy.isPopulated(path)) == true
            wasPopulated = wasPopulated || isPopulated
            guard case .unit = request.target else { return wasPopulated && !isPopulated }
            return emptiness.lasts(wasPopulated && !isPopulated)
        }
    }

    func sayNotes(_ notes: inout [String]) { watch?.sayNotes(&notes) }

    func release() { ownCgroup?.remove() }

    func profiles(
        _ facts: RecordedFacts, start: Date, end: Date, reasons: [String]
    ) throws(RecorderError) -> [BehaviourProfile] {
        if let watch { return watch.profiles(facts, start: start, end: end, reasons: reasons) }
        let builder = ProfileBuilder(facts: facts, slots: facts.slots, keepsSessions: false, start: start, end: end)
        let target: ProfileTarget
        var key: String
        switch request.target {
        case .command(let words):
            let command = words.map { HostileText.escaped($0) }
            target = ProfileTarget(kind: .command, name: command.first ?? "", command: command)
            key = firstExecutable ?? target.name
        case .cgroup:
            target = ProfileTarget(kind: .cgroup, name: HostileText.escaped(cgroupPath ?? ""))
            key = target.name
        case .unit(let name, _):
            target = ProfileTarget(kind: .unit, name: HostileText.escaped(SystemdUnit.fullName(name)))
            key = target.name
        case .process(let pid):
            key = executable ?? "process \(pid)"
            target = ProfileTarget(kind: .process, name: key.split(separator: "/").last.map(String.init) ?? key)
        case .container: return []
        }
        if key.isEmpty { key = target.name }
        return [builder.build(key: key, target: target, environment: HostEnvironment.ofPrograms, reasons: reasons)]
    }
}
