// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import FoundationEssentials
import Platform
import Profiles
import Sensor
import TestSupport
import Testing

@testable import Daemon

/// What the programs in the kernel keep while daemons come and go: one cgroup that is a container, and a state directory.
final class LearningHost {
    static let key = "web"

    let cgroup: TestCgroup
    let sensor: Sensor
    let workspace: Workspace
    let probe: String

    init(_ change: (inout SensorConfiguration) -> Void = { _ in }) throws {
        cgroup = try TestCgroup()
        workspace = try Workspace()
        probe = try #require(TestProgram.probe.path, "cannot compile the test program")
        var configuration = SensorConfiguration(scope: .cgroup(id: cgroup.id))
        configuration.slots = 8
        configuration.subslots = 64
        change(&configuration)
        sensor = try Sensor(configuration)
    }

    /// Has the container run the probe.
    func run(_ words: String..., refusing call: UInt32? = nil) throws { try run(words, refusing: call) }

    /// The same with a list.
    func run(_ words: [String], refusing call: UInt32? = nil) throws {
        var request = ChildProcess.Request(arguments: [probe] + words, environment: [])
        request.cgroupProcesses = cgroup.directory + "/cgroup.procs"
        if let call { request.refuse(call) }
        _ = try Shell.end(of: try ChildProcess.start(request), [probe] + words)
    }

    /// The profile as it is on the disk.
    func profile() throws -> BehaviourProfile {
        try #require(try ProfileDirectory(workspace.file("profiles")).load(Self.key, now: Date()).profile)
    }
}

/// The part of one daemon's life that reads epochs and saves them: it begins with what is on the disk and in the kernel, and
/// can end at any line.
final class LearningLife {
    private let host: LearningHost
    private let reader: EpochReader
    private let container: TrackedContainer
    let keeper: ProfileKeeper

    init(_ host: LearningHost) throws {
        self.host = host
        reader = EpochReader(host.sensor, try .detect(), boot: "5b1d")
        keeper = try ProfileKeeper(
            stateDirectory: host.workspace.path, rule: LearningRule(windowSeconds: 3600, epochSeconds: 1), now: Date())
        var description = ContainerDescription(id: "web", name: "web", engine: .docker)
        description.hasState = true
        container = TrackedContainer(
            description, path: host.cgroup.path, role: .container, now: BootClock.nanoseconds)
        container.slots = Set(host.sensor.slots.map(\.index))
        container.losses = host.sensor.losses
    }

    /// Ends an epoch: saves it, and takes it out of the kernel unless the daemon is killed before.
    @discardableResult
    func endEpoch(isKilledBetween: Bool = false) throws -> EpochReader.Reading {
        container.slots = Set(host.sensor.slots.map(\.index))
        let now = BootClock.nanoseconds
        let facts = reader.read(slots: container.slots)
        let reading = reader.read(
            container, in: facts, last: keeper.profiles[LearningHost.key]?.learning?.taken, now: now, end: Date())
        let ended = ProfileKeeper.EndedEpoch(
            reading: reading,
            epoch: LearningEpoch(
                instance: "web", startsInstance: reading.startsInstance, isComplete: reading.isComplete),
            rule: keeper.rule, probe: [], isNameless: false, mustGo: false)
        let results = keeper.observe([ended], boot: reader.boot, living: reader.cgroups, now: Date())
        guard case .learned? = results.first else {
            Issue.record("\(results)")
            return reading
        }
        if !isKilledBetween {
            reader.clear(container, facts, now: now)
            container.epochs += 1
        }
        return reading
    }
}
