// SPDX-License-Identifier: Apache-2.0

/// Where in a container's life a call was made. Raw values are `RF_PHASE_*` of the shared header.
package enum Phase: UInt32, Sendable, CaseIterable, Comparable {
    /// By a task that joined the cgroup from outside and has not executed a program there: the container runtime.
    case setup = 0
    /// Setup, with more seccomp filters active than when the task joined: what the runtime needs *under* the filter.
    case filteredSetup = 1
    /// After the first exec in the cgroup: the application.
    case workload = 2
    /// `setup` of an exec session: a join beside a living workload (`docker exec`).
    case sessionSetup = 3
    /// `filteredSetup` of an exec session.
    case sessionFilteredSetup = 4
    /// `workload` of an exec session.
    case sessionWorkload = 5

    package static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }

    /// The name used in profiles and on the terminal.
    package var name: String {
        switch self {
        case .setup: "setup"
        case .filteredSetup: "setup-filtered"
        case .workload: "workload"
        case .sessionSetup: "session-setup"
        case .sessionFilteredSetup: "session-setup-filtered"
        case .sessionWorkload: "session"
        }
    }

    /// The phase a profile's name stands for.
    package init?(name: String) {
        guard let phase = Phase.allCases.first(where: { $0.name == name }) else { return nil }
        self = phase
    }
}
