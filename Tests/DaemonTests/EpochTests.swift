// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Profiles
import Sensor
import TestSupport
import Testing

@testable import Daemon

/// Epochs as they are read out of the kernel's slots, saved, and taken out, by daemons that follow one another.
@Suite("Epochs", .serialized, .enabled(if: geteuid() == 0, "attaching BPF programs needs root"))
struct EpochTests {
    /// In how many epochs the workload made a call.
    private func runs(_ call: String, _ profile: BehaviourProfile) -> Int? {
        profile.calls["x86_64"]?[call]?.phases["workload"]?.runs
    }

    private func families(_ reading: EpochReader.Reading) -> [UInt32]? {
        reading.observation.arguments["socket.family"]?.values["workload"]
    }

    @Test("killed between saving an epoch and taking it out of the kernel, a daemon leaves nothing to be counted twice")
    func killedBetween() throws {
        let host = try LearningHost { $0.watchesDenials = true }
        // getpgrp, getuid; setfsuid is refused by a filter.
        try host.run("calls", "111", "102", "122", refusing: 122)
        try host.run("sockets", "1", "2")
        let first = try LearningLife(host).endEpoch(isKilledBetween: true)
        #expect(first.startsInstance && !first.overlaps)
        let saved = try host.profile()
        #expect(runs("getpgrp", saved) == 1 && saved.window.instances == 1 && saved.window.runs == 1)
        #expect(saved.window.events.produced > 0 && saved.learning?.taken?.cgroups.isEmpty == false)
        let denied = try #require(saved.denied["x86_64"]?["setfsuid"])
        #expect(denied.executables.values.reduce(0, +) == 1)

        // The next one finds all of it in the slots once more.
        let second = try LearningLife(host)
        let again = try second.endEpoch()
        #expect(again.overlaps && !again.startsInstance)
        let after = try host.profile()
        #expect(after.items == saved.items)
        #expect(after.calls == saved.calls, "each call in one epoch, as it was made")
        #expect(after.executables == saved.executables)
        let (arguments, before) = (after.arguments["socket.family"], saved.arguments["socket.family"])
        #expect(arguments?.values == before?.values && arguments?.runs == 1)
        #expect(after.denied == saved.denied)
        #expect(after.window.events == saved.window.events)
        #expect(after.window.instances == 1 && after.learning?.instances == 1)

        // And what comes after it is counted as ever.
        try host.run("calls", "111", "110")
        let third = try second.endEpoch()
        #expect(!third.overlaps)
        let last = try host.profile()
        #expect(runs("getpgrp", last) == 2 && runs("getppid", last) == 1 && runs("getuid", last) == 1)
        #expect(last.window.events.produced > after.window.events.produced)
        let accounts = host.sensor.slots.map(\.account.produced).reduce(0, +)
        #expect(last.window.events.produced == accounts, "every record once")
    }

    @Test("what is done between the saving and the daemon's end is learned by the next one, once")
    func doneBetween() throws {
        let host = try LearningHost()
        try host.run("calls", "111")
        try LearningLife(host).endEpoch(isKilledBetween: true)
        try host.run("calls", "110")
        // Killed at the same place again.
        try LearningLife(host).endEpoch(isKilledBetween: true)
        let life = try LearningLife(host)
        try life.endEpoch()
        let profile = try host.profile()
        #expect(runs("getpgrp", profile) == 1 && runs("getppid", profile) == 1)
        try life.endEpoch()
        let quiet = try host.profile()
        #expect(quiet.calls == profile.calls, "nothing is left in the kernel")
        #expect(quiet.window.events.produced == host.sensor.slots.map(\.account.produced).reduce(0, +))
    }

    @Test("socket families are each epoch's own: what one used is not in the next, and an overflow ends with its epoch")
    func socketFamilies() throws {
        let host = try LearningHost()
        let life = try LearningLife(host)
        try host.run("sockets", "1", "2")
        #expect(families(try life.endEpoch()) == [1, 2])
        try host.run("sockets", "16", "2")
        #expect(families(try life.endEpoch()) == [2, 16])
        try host.run("calls", "111")
        #expect(families(try life.endEpoch()) == nil)
        // 16 values have a place.
        try host.run(["sockets"] + (1...20).map(String.init))
        let many = try life.endEpoch()
        #expect(many.observation.arguments["socket.family"]?.overflowed == true)
        try host.run("sockets", "10")
        let few = try life.endEpoch()
        #expect(families(few) == [10] && few.observation.arguments["socket.family"]?.overflowed == false)
    }

    @Test("a loss makes the epoch that it falls into incomplete, and no other")
    func losses() throws {
        let host = try LearningHost { $0.slots = 1 }
        try host.run("calls", "111")
        let life = try LearningLife(host)
        #expect(try life.endEpoch().isComplete)
        for _ in 0..<2 {
            // A cgroup below the container's, which finds no slot.
            try host.run("nested", host.cgroup.directory)
            let lossy = try life.endEpoch()
            #expect(!lossy.isComplete)
            #expect(lossy.observation.window.partial.contains { $0.contains("slot table was full") })
            try host.run("calls", "111")
            let whole = try life.endEpoch()
            #expect(whole.isComplete && !whole.observation.window.partial.contains { $0.contains("slot table") })
        }
        #expect(host.sensor.losses.cgroups >= 2)
        // The profile remembers that something of it is missing.
        #expect(try host.profile().window.partial.contains { $0.contains("slot table was full") })
        // Another daemon does not take what was lost before it for a loss of its own epochs.
        #expect(try LearningLife(host).endEpoch().isComplete)
    }
}
