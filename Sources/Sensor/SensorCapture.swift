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
    let links = AttachedPrograms()
    /// The directory of the cgroup whose network addresses are watched.
    private let network: String?
    private var maps: SensorMaps?

    /// Process hooks first, so that nobody born later is missed; then the tasks that exist; the hook on every call last.
    private static let order: [SensorProgram] = [
        .fork, .exec, .exit, .cgroupAttach, .cgroupMade, .cgroupRemoved, .existingTasks, .ioUringRequest, .ioUringSQE,
        .connect4, .connect6, .send4, .send6, .bind4, .bind6, .connectUnix, .socketState, .sysEnter, .sysExit,
        .fallback,
    ]

    /// Loads and attaches for as long as the process lives.
    init(_ configuration: SensorConfiguration, _ knobs: SensorKnobs) throws(BPFError) {
        network = configuration.network
        let loaded = try ProgramLoader(configuration: configuration, knobs: knobs).load()
        let maps = try SensorMaps(of: loaded.object)
        let control = try MappedArray<rf_control>(
            descriptor: maps.descriptor(of: "rf_control"), count: 1, named: "rf_control")
        // Whoever is older than the mark was not seen from its birth. Until it is set, everybody is.
        Self.mark(control, .max)
        try attach(loaded) { Self.mark(control, BootClock.nanoseconds) }
        self.maps = consume maps
    }

    /// Takes over what is pinned for the same programs and sizes; else loads, attaches, pins, and reads and removes what
    /// earlier programs left.
    init(_ configuration: SensorConfiguration, _ knobs: SensorKnobs, pins: PinDirectory) throws(BPFError) {
        network = configuration.network
        try pins.prepare()
        let set = knobs.stamp
        let earlier = pins.sets
        if earlier.contains(set), let maps = try? SensorMaps(pinnedIn: pins.directory(of: set)),
            (try? links.adopt(pinnedIn: pins.directory(of: set) + "/programs")) != nil, !links.programs.isEmpty
        {
            try Self.resume(maps)
            isTakenOver = true
            isFallback = links.programs.contains(.fallback)
            programs = Self.status(links.programs, configuration)
            self.maps = consume maps
        } else {
            pins.remove(set)
            try load(configuration, knobs, pins, set)
        }
        for other in earlier where other != set {
            predecessors.append(PinnedFacts(pinnedIn: pins.directory(of: other), set: other))
            pins.remove(other)
        }
    }

    /// The maps; they belong to the caller from now on.
    func takeMaps() throws(BPFError) -> SensorMaps {
        guard let taken = maps.take() else { throw BPFError(step: .map, subject: "the maps", errno: EBADF) }
        return taken
    }

    private func load(
        _ configuration: SensorConfiguration, _ knobs: SensorKnobs, _ pins: PinDirectory, _ set: String
    ) throws(BPFError) {
        var knobs = knobs
        let earlier = unsafe bpf_obj_get(pins.generationPath)
        defer { if earlier >= 0 { _ = close(earlier) } }
        var generation: UInt64 = 0
        var zero: UInt32 = 0
        if earlier >= 0 { _ = unsafe bpf_map_lookup_elem(earlier, &zero, &generation) }
        generation += 1
        knobs.set(generation: generation)
        let loaded = try ProgramLoader(
            configuration: configuration, knobs: knobs, generation: earlier >= 0 ? earlier : nil
        ).load()
        let maps = try SensorMaps(of: loaded.object)
        let control = try MappedArray<rf_control>(
            descriptor: maps.descriptor(of: "rf_control"), count: 1, named: "rf_control")
        let shared = try maps.descriptor(of: "rf_generation")
        var switchFailure: CInt = 0
        Self.mark(control, .max)
        _ = control.withElement(0) { unsafe $0.pointee.generation = UInt32(truncatingIfNeeded: generation) }
        // All are idle until the word is written; then those of the earlier generation are. The tasks that exist are
        // looked at afterwards.
        var before = generation - 1
        do throws(BPFError) {
            try attach(loaded, switching: true) {
                if unsafe bpf_map_update_elem(shared, &zero, &generation, 0) != 0 { switchFailure = errno }
                Self.mark(control, BootClock.nanoseconds)
            }
            guard switchFailure == 0 else {
                throw BPFError(step: .map, subject: "rf_generation", errno: switchFailure)
            }
            try pins.makeDirectories(for: set)
            try links.pin(in: pins.directory(of: set) + "/programs")
            try maps.pin(in: pins.directory(of: set))
            if earlier < 0, unsafe bpf_obj_pin(shared, pins.generationPath) != 0 {
                throw BPFError(step: .pin, subject: pins.generationPath, errno: errno)
            }
        } catch {
            pins.remove(set)
            // Those of the earlier generation go on.
            _ = unsafe bpf_map_update_elem(shared, &zero, &before, 0)
            throw error
        }
        self.maps = consume maps
    }

    /// Lets the programs of a set that is taken over work, should an attempt to replace them have failed half-way.
    private static func resume(_ maps: borrowing SensorMaps) throws(BPFError) {
        let control = try MappedArray<rf_control>(
            descriptor: maps.descriptor(of: "rf_control"), count: 1, named: "rf_control")
        var generation = UInt64(control.withElement(0) { unsafe $0.pointee.generation } ?? 0)
        var zero: UInt32 = 0
        guard unsafe bpf_map_update_elem(try maps.descriptor(of: "rf_generation"), &zero, &generation, 0) == 0 else {
            throw BPFError(step: .map, subject: "rf_generation", errno: errno)
        }
    }

    /// Attaches what was loaded. `mark` is called when the process hooks work: once they are attached, or, `switching` from
    /// an earlier generation, when everything is.
    private func attach(
        _ loaded: borrowing ProgramLoader.Loaded, switching: Bool = false, _ mark: () -> Void
    ) throws(BPFError) {
        isFallback = loaded.isFallback
        var selected = loaded.selected
        var missing = loaded.missing
        let order = switching ? Self.order.filter { $0 != .existingTasks } + [.existingTasks] : Self.order
        var isMarked = false
        for program in order where selected.contains(program) {
            if switching, program == .existingTasks {
                mark()
                isMarked = true
            }
            do {
                if program == .existingTasks {
                    try links.run(program, of: loaded.object)
                } else if program.hooksCgroup, let network {
                    try links.attach(program, of: loaded.object, toCgroup: network)
                } else {
                    try links.attach(program, of: loaded.object)
                }
            } catch {
                guard !program.isEssential, program != .fallback else { throw error }
                selected.remove(program)
                missing[program] = error.description
            }
            if !switching, program == .exit {
                mark()
                isMarked = true
            }
        }
        if !isMarked { mark() }
        programs =
            (selected.map { ProgramStatus(program: $0, missing: nil) }
            + missing.map { ProgramStatus(program: $0.key, missing: $0.value) })
            .sorted { $0.program.rawValue < $1.program.rawValue }
    }

    private static func status(_ attached: Set<SensorProgram>, _ configuration: SensorConfiguration) -> [ProgramStatus]
    {
        var wanted: Set<SensorProgram> = [.sysEnter, .fork, .exec, .exit, .cgroupMade, .cgroupRemoved, .cgroupAttach]
        if configuration.watchesDenials { wanted.insert(.sysExit) }
        if configuration.network != nil { wanted.formUnion(SensorProgram.network) }
        let missing = wanted.subtracting(attached).map {
            ProgramStatus(program: $0, missing: "it was not attached when the programs were pinned")
        }
        return (attached.map { ProgramStatus(program: $0, missing: nil) } + missing)
            .sorted { $0.program.rawValue < $1.program.rawValue }
    }

    private static func mark(_ control: borrowing MappedArray<rf_control>, _ nanoseconds: UInt64) {
        _ = control.withElement(0) { unsafe $0.pointee.capture_start_ns = nanoseconds }
    }
}
