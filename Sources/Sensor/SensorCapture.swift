// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
import Glibc
import Platform

/// How a sensor came by its programs and maps: loaded and attached now, or taken over from an earlier process.
final class SensorCapture {
    private(set) var programs: [ProgramStatus] = []
    private(set) var isFallback = false
    private(set) var isTakenOver = false
    private(set) var predecessors: [PinnedFacts] = []
    /// The name of the set that works now; empty without pins.
    private(set) var set = ""
    let links = AttachedPrograms()
    private var maps: SensorMaps?

    /// Process hooks first, so that nobody born later is missed; then the tasks that exist; the hook on every call last.
    private static let order: [SensorProgram] = [
        .fork, .exec, .exit, .cgroupAttach, .cgroupMade, .cgroupRemoved, .existingTasks, .ioUringRequest, .ioUringSQE,
        .connect4, .connect6, .send4, .send6, .receive4, .receive6, .bind4, .bind6, .connectUnix, .socketState,
        .dnsQuery, .dnsAnswer, .capable, .sysEnter, .sysExit, .fallback,
    ]

    /// Loads and attaches for as long as the process lives.
    init(_ configuration: SensorConfiguration, _ knobs: SensorKnobs) throws(BPFError) {
        let loaded = try ProgramLoader(configuration: configuration, knobs: knobs).load()
        let maps = try SensorMaps(of: loaded.object)
        let control = try Self.control(maps)
        // Whoever is older than the mark was not seen from its birth. Until it is set, everybody is.
        Self.mark(control, .max)
        var attempt = AttachAttempt(loaded, network: configuration.network)
        for program in Self.order {
            try attempt.attach(program, of: loaded.object, to: links)
            if program == .exit { Self.mark(control, BootClock.nanoseconds) }
        }
        take(attempt)
        self.maps = consume maps
    }

    /// Takes over what works now if it is pinned for the same programs and sizes; else loads, attaches, pins, and has the
    /// new programs work instead. What others have kept is read.
    init(_ configuration: SensorConfiguration, _ knobs: SensorKnobs, pins: PinDirectory) throws(BPFError) {
        try pins.prepare()
        var switching = try GenerationSwitch(pins)
        let working = switching.current
        // Those that never worked know nothing.
        for other in pins.sets where PinDirectory.generation(of: other).map({ $0 > working }) ?? false {
            pins.remove(other)
        }
        set = "\(knobs.stamp)-\(working)"
        if pins.sets.contains(set), let maps = try? SensorMaps(pinnedIn: pins.directory(of: set)),
            (try? links.adopt(pinnedIn: pins.directory(of: set) + "/programs")) != nil, !links.programs.isEmpty
        {
            isTakenOver = true
            isFallback = links.programs.contains(.fallback)
            programs = Self.status(links.programs, configuration)
            succeed(pins, switching, maps)
            self.maps = consume maps
        } else {
            set = "\(knobs.stamp)-\(working + 1)"
            let maps = try load(configuration, knobs, pins, &switching)
            succeed(pins, switching, maps)
            self.maps = consume maps
        }
    }

    /// Reads what the programs kept that are idle now, and detaches them.
    private func succeed(
        _ pins: PinDirectory, _ switching: borrowing GenerationSwitch, _ maps: borrowing SensorMaps
    ) {
        let replaced = pins.sets.filter { $0 != set }
        guard !replaced.isEmpty else { return }
        let failure = switching.waitForPrograms()
        for other in replaced {
            let facts = PinnedFacts(other, in: pins, like: maps)
            if let failure { facts.noteRunning(failure) }
            predecessors.append(facts)
            pins.removePrograms(of: other)
        }
    }

    /// The maps; they belong to the caller from now on.
    func takeMaps() throws(BPFError) -> SensorMaps {
        guard let taken = maps.take() else { throw BPFError(step: .map, subject: "the maps", errno: EBADF) }
        return taken
    }

    /// Everything is attached, idle, and pinned before the word is written: up to there the earlier programs work, from
    /// there on these, whatever becomes of this process. Both hooks of a call run one after the other, so that none is
    /// missed; one that is made just then can be seen by both, and a fact that is kept twice is one fact.
    private func load(
        _ configuration: SensorConfiguration, _ knobs: SensorKnobs, _ pins: PinDirectory,
        _ switching: inout GenerationSwitch
    ) throws(BPFError) -> SensorMaps {
        var knobs = knobs
        knobs.set(generation: switching.current + 1)
        let loaded = try ProgramLoader(
            configuration: configuration, knobs: knobs, generation: switching.descriptor
        ).load()
        let maps = try SensorMaps(of: loaded.object)
        let control = try Self.control(maps)
        Self.mark(control, .max)
        var attempt = AttachAttempt(loaded, network: configuration.network)
        for program in Self.order where program != .existingTasks {
            try attempt.attach(program, of: loaded.object, to: links)
        }
        do throws(BPFError) {
            try pins.makeDirectories(for: set)
            try links.pin(in: pins.directory(of: set) + "/programs")
            try maps.pin(in: pins.directory(of: set))
            try switching.advance(maps)
        } catch {
            pins.remove(set)
            throw error
        }
        // Who is born from now on is followed from its birth; until the mark is set, nobody is thought to be.
        Self.mark(control, BootClock.nanoseconds)
        try attempt.attach(.existingTasks, of: loaded.object, to: links)
        take(attempt)
        return maps
    }

    private func take(_ attempt: AttachAttempt) {
        programs = attempt.status
        isFallback = attempt.isFallback
    }

    private static func status(_ attached: Set<SensorProgram>, _ configuration: SensorConfiguration) -> [ProgramStatus]
    {
        var wanted: Set<SensorProgram> = [.sysEnter, .fork, .exec, .exit, .cgroupMade, .cgroupRemoved, .cgroupAttach]
        wanted.insert(.capable)
        if configuration.watchesDenials { wanted.insert(.sysExit) }
        if configuration.network != nil { wanted.formUnion(SensorProgram.network) }
        if configuration.network != nil, configuration.names { wanted.formUnion(SensorProgram.names) }
        let missing = wanted.subtracting(attached).map {
            ProgramStatus(program: $0, missing: "it was not attached when the programs were pinned")
        }
        return (attached.map { ProgramStatus(program: $0, missing: nil) } + missing)
            .sorted { $0.program.rawValue < $1.program.rawValue }
    }

    private static func control(_ maps: borrowing SensorMaps) throws(BPFError) -> MappedArray<rf_control> {
        try MappedArray(descriptor: maps.descriptor(of: "rf_control"), count: 1, named: "rf_control")
    }

    private static func mark(_ control: borrowing MappedArray<rf_control>, _ nanoseconds: UInt64) {
        _ = control.withElement(0) { unsafe $0.pointee.capture_start_ns = nanoseconds }
    }
}
