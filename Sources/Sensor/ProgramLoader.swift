// SPDX-License-Identifier: Apache-2.0
import CEvents
import Glibc
import Platform

/// Chooses the programs that this kernel can run and loads them: one that is refused never takes the others down.
struct ProgramLoader: ~Copyable {
    /// A loaded object, and which programs are in it.
    struct Loaded: ~Copyable {
        let object: BPFObject
        let selected: Set<SensorProgram>
        /// Wanted, but not there, and why.
        let missing: [SensorProgram: String]

        var isFallback: Bool { selected.contains(.fallback) }
    }

    private var knobs: SensorKnobs
    private var wanted: Set<SensorProgram>
    private var missing: [SensorProgram: String] = [:]
    private let isLegacy: Bool
    private let object: [UInt8]?
    /// The switch that generations share, if there is one already: its descriptor.
    private let generation: CInt?

    init(configuration: SensorConfiguration, knobs: SensorKnobs, generation: CInt? = nil) {
        self.knobs = knobs
        object = configuration.object
        self.generation = generation
        isLegacy = configuration.legacyController != nil
        guard !configuration.fallbackOnly else {
            wanted = [.fallback]
            missing[.sysEnter] = "not asked for"
            return
        }
        var candidates = Set(SensorProgram.allCases).subtracting([.fallback, .ioUringSQE])
        if !configuration.watchesDenials { candidates.remove(.sysExit) }
        if configuration.network == nil { candidates.subtract(SensorProgram.network) }
        if configuration.network == nil || !configuration.names { candidates.subtract(SensorProgram.names) }
        if !configuration.findsExistingTasks { candidates.remove(.existingTasks) }
        wanted = candidates
    }

    /// Loads as much as the kernel takes. A current kernel takes everything at once; only if it does not, what it lacks
    /// is looked up, which costs as much as loading half of the programs.
    consuming func load() throws(BPFError) -> Loaded {
        do {
            return Loaded(object: try attempt(wanted), selected: wanted, missing: missing)
        } catch { if wanted == [.fallback] { throw Self.refused(error) } }
        try leaveOutWhatTheKernelLacks()
        let first: BPFError
        do {
            return Loaded(object: try attempt(wanted), selected: wanted, missing: missing)
        } catch { first = error }
        leaveOutNames()
        if first.errno == EPERM || first.errno == EACCES, !canLoadAnything() { throw Self.refused(first) }
        var usable: Set<SensorProgram> = []
        for program in wanted {
            do {
                _ = try attempt([program])
                usable.insert(program)
            } catch {
                missing[program] = "the kernel refuses it: \(SystemError.message(error.errno))"
            }
        }
        if wanted.allSatisfy({ !$0.isEssential || usable.contains($0) }), !usable.isEmpty {
            return Loaded(object: try attempt(usable), selected: usable, missing: missing)
        }
        guard !isLegacy else { throw Self.refused(first) }
        do {
            return Loaded(object: try attempt([.fallback]), selected: [.fallback], missing: missing)
        } catch { throw Self.refused(first) }
    }

    /// The hooks of connect(2) and sendmsg(2) note who asks for names: where the kernel refuses that, they work without it.
    private mutating func leaveOutNames() {
        guard !wanted.isDisjoint(with: SensorProgram.names) else { return }
        let hooks: Set<SensorProgram> = [.connect4, .send4]
        let reason: BPFError
        do {
            _ = try attempt(SensorProgram.names.union(hooks.intersection(wanted)))
            return
        } catch { reason = error }
        knobs.leaveOutNames()
        for program in SensorProgram.names {
            missing[program] = "the kernel refuses it: \(SystemError.message(reason.errno))"
        }
        wanted.subtract(SensorProgram.names)
    }

    private mutating func leaveOutWhatTheKernelLacks() throws(BPFError) {
        let types = try KernelTypes()
        // Before Linux 6.0 that tracepoint has other arguments, and what would be read is no operation.
        if !types.hasTracepoint("io_uring_submit_req"),
            types.tracepoint("io_uring_submit_sqe", takes: "io_kiocb")
        {
            wanted.remove(.ioUringRequest)
            wanted.insert(.ioUringSQE)
        }
        // The function came with the hook.
        if wanted.contains(.connectUnix), !types.hasFunction("bpf_sock_addr_set_sun_path") {
            missing[.connectUnix] = "Linux 6.7 and later have the hook"
        }
        for program in wanted {
            guard let tracepoint = program.tracepoint, !types.hasTracepoint(tracepoint) else { continue }
            missing[program] = "the kernel has no tracepoint \(tracepoint)"
        }
        wanted.subtract(missing.keys)
    }

    private func attempt(_ programs: Set<SensorProgram>) throws(BPFError) -> BPFObject {
        let object = try BPFObject(self.object)
        object.select(programs)
        try object.resize("rf_slots", to: UInt32(knobs.slots))
        try object.resize("rf_slot_of", to: UInt32(knobs.slots))
        try object.resize("rf_namespaces", to: UInt32(knobs.slots))
        try object.resize("rf_free_slots", to: UInt32(knobs.slots))
        try object.resize("rf_subs", to: UInt32(knobs.subs))
        // The slots' own are neither looked up nor given on.
        try object.resize("rf_sub_of", to: UInt32(max(knobs.ownSubs, 1)))
        try object.resize("rf_free_subs", to: UInt32(max(knobs.ownSubs, 1)))
        try object.resize("rf_counts", to: UInt32(knobs.pages))
        try object.resize("rf_denials", to: knobs.denials)
        try object.resize("rf_options", to: knobs.options)
        try object.resize("rf_steady", to: UInt32(knobs.steady))
        try object.resize("rf_policies", to: UInt32(knobs.policies))
        try object.resize("rf_deviations", to: UInt32(knobs.deviations))
        try object.resize("rf_peers", to: knobs.peers)
        try object.resize("rf_unix_peers", to: knobs.unixPeers)
        try object.resize("rf_priority", to: knobs.ringBytes)
        try object.resize("rf_bulk", to: knobs.traceBytes)
        // Only the fallback program, which runs alone, has facts in it.
        try object.resize("rf_cgroup_bytes", to: programs == [.fallback] ? knobs.fallbackCgroups : 1)
        if let generation { try object.reuse(generation, as: "rf_generation") }
        try object.set(knobs.raw)
        try object.load()
        return object
    }

    /// Whether the kernel takes any of our programs at all.
    private func canLoadAnything() -> Bool {
        do {
            _ = try attempt([.fallback])
            return true
        } catch { return false }
    }

    private static func refused(_ error: BPFError) -> BPFError {
        let lockdown = LockdownState.current
        let remedy =
            lockdown == "confidentiality"
            ? "the kernel is in lockdown confidentiality, which forbids BPF: boot with lockdown=integrity"
            : error.errno == EPERM
                ? "run as root, or with CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE"
                : "Linux 5.8 or later with CONFIG_BPF_SYSCALL is needed"
        return BPFError(step: error.step, subject: error.subject, errno: error.errno, remedy: remedy)
    }
}
