// SPDX-License-Identifier: Apache-2.0

/// Attaching the programs of an object one by one, and what became of each.
struct AttachAttempt {
    private var selected: Set<SensorProgram>
    private var missing: [SensorProgram: String]
    /// Whether only the fallback program is there.
    let isFallback: Bool
    /// The directory of the cgroup whose network addresses are watched.
    private let network: String?

    init(_ loaded: borrowing ProgramLoader.Loaded, network: String?) {
        self.network = network
        selected = loaded.selected
        missing = loaded.missing
        isFallback = loaded.isFallback
    }

    /// Attaches a program, or runs it if it is an iterator, if it was loaded. Throws only if nothing works without it.
    mutating func attach(
        _ program: SensorProgram, of object: borrowing BPFObject, to links: AttachedPrograms
    ) throws(BPFError) {
        guard selected.contains(program) else { return }
        do {
            if program == .existingTasks {
                try links.run(program, of: object)
            } else if program.hooksCgroup, let network {
                try links.attach(program, of: object, toCgroup: network)
            } else {
                try links.attach(program, of: object)
            }
        } catch {
            guard !program.isEssential, program != .fallback else { throw error }
            selected.remove(program)
            missing[program] = error.description
        }
    }

    /// Every program that was wanted, by name.
    var status: [ProgramStatus] {
        (selected.map { ProgramStatus(program: $0, missing: nil) }
            + missing.map { ProgramStatus(program: $0.key, missing: $0.value) })
            .sorted { $0.program.rawValue < $1.program.rawValue }
    }
}
