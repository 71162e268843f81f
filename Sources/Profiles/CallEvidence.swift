// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// Why a system call (or io_uring operation, or network peer) is in a profile.
package struct CallEvidence: Codable, Equatable, Sendable {
    /// By `Phase.name`; never empty.
    package var phases: [String: PhaseEvidence]
    /// Set while the call is on the never-allow list, or the peer an engine's socket, and nobody has decided about it: the
    /// reason. It is then known to have been made, but is not part of what was learned.
    package var held: String?

    /// Evidence from the given phases.
    package init(phases: [String: PhaseEvidence], held: String? = nil) {
        self.phases = phases
        self.held = held
    }
}

/// The evidence of one phase.
package struct PhaseEvidence: Codable, Equatable, Sendable {
    /// In how many runs it was seen.
    package var runs: Int
    /// When it was first and last known to be used, in whole seconds; `last` is the end of the last run with it.
    package var first: Date
    package var last: Date
    /// Path of each executable that made the call, and how often; 0 means "seen, not counted".
    package var executables: [String: UInt64]
    /// Those of them that made the call under a seccomp filter which they had loaded themselves, sorted; nil if none did, or
    /// nobody looked: `ProfileWindow.steady`.
    package var steady: [String]?

    /// Evidence of one phase.
    package init(runs: Int = 1, first: Date, last: Date, executables: [String: UInt64], steady: [String]? = nil) {
        self.runs = runs
        self.first = first
        self.last = last
        self.executables = executables
        self.steady = steady
    }
}

/// Why an executable is in a profile.
package struct ExecutableEvidence: Codable, Equatable, Sendable {
    package var runs: Int
    package var first: Date
    package var last: Date
    /// Phases it made calls in, by `Phase.name`, sorted.
    package var phases: [String]
    /// Who executed it, by path: what the process ran before. Nobody for a container's first program, and for what an exec
    /// session begins with. Nil if that was not watched, which is not the same as nobody.
    package var parents: [String: ParentEvidence]?
    /// Where its file came from, sorted: `image`, `layer` (written in the container), `memory`, `mount`; nil if nobody
    /// could tell.
    package var origins: [String]?

    /// Evidence for one executable.
    package init(
        runs: Int = 1, first: Date, last: Date, phases: [String], parents: [String: ParentEvidence]? = nil,
        origins: [String]? = nil
    ) {
        self.runs = runs
        self.first = first
        self.last = last
        self.phases = phases
        self.parents = parents
        self.origins = origins
    }
}

/// Distinct values of one scalar system call argument, from the kernel's registers.
package struct ArgumentEvidence: Codable, Equatable, Sendable {
    /// By `Phase.name`: the values, ascending.
    package var values: [String: [UInt32]]
    /// True if more than 16 distinct values were used in some phase: the list is then not complete.
    package var overflowed: Bool
    /// How many calls were counted; 0 if they were not.
    package var calls: UInt64
    /// In how many runs the call was made.
    package var runs: Int
    /// True if the last merged run brought a value that earlier runs had not.
    package var grewLate: Bool

    /// Evidence for one argument.
    package init(
        values: [String: [UInt32]], overflowed: Bool = false, calls: UInt64 = 0, runs: Int = 1, grewLate: Bool = false
    ) {
        self.values = values
        self.overflowed = overflowed
        self.calls = calls
        self.runs = runs
        self.grewLate = grewLate
    }
}

/// A call that a seccomp filter answered instead of the kernel.
package struct DeniedEvidence: Codable, Equatable, Sendable {
    package var runs: Int
    /// The error numbers that the filter returned, ascending.
    package var errnos: [Int32]
    /// Who tried, and how often (0: not counted).
    package var executables: [String: UInt64]

    /// Evidence for one denied call.
    package init(runs: Int = 1, errnos: [Int32], executables: [String: UInt64]) {
        self.runs = runs
        self.errnos = errnos
        self.executables = executables
    }
}

/// What a person decided about one entry.
package struct ProfileDecision: Codable, Equatable, Sendable {
    /// `accept`: part of the profile although on the never-allow list; `remove`: never learned again; `hold`: not part of
    /// the profile until somebody accepts it.
    package enum Verdict: String, Codable, Sendable { case accept, remove, hold }

    /// The entry, as `calls/x86_64/ptrace`, `ioUring/IORING_OP_READ`, `peers/connect/tcp/203.0.113.7:443`,
    /// `executables//usr/bin/sh`, `parents//usr/bin/sh <- /usr/sbin/nginx` or `credentials/uid/0`.
    package var entry: String
    package var verdict: Verdict
    /// In the words of the author; escaped, see `HostileText`.
    package var reason: String
    /// Who decided: the login name.
    package var author: String
    package var date: Date

    /// A decision.
    package init(entry: String, verdict: Verdict, reason: String, author: String, date: Date) {
        self.entry = entry
        self.verdict = verdict
        self.reason = reason
        self.author = author
        self.date = date
    }
}
