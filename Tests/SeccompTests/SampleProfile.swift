// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles

/// Small behaviour profiles.
enum SampleProfile {
    static let start = Date(timeIntervalSince1970: 1_700_000_000)

    static func make(
        workload: [String], compat: [String] = [], filteredSetup: [String] = [], sessionSetup: [String] = [],
        arguments: [String: ArgumentEvidence] = [:], decisions: [ProfileDecision] = [],
        architecture: Architecture = .x86_64
    ) -> BehaviourProfile {
        var profile = BehaviourProfile(
            key: "web", architecture: architecture, target: ProfileTarget(kind: .container, name: "web"),
            environments: [ProfileEnvironment(kernel: "6.1.0", runtime: "runc 1.1.5", libc: "glibc 2.36")],
            window: ProfileWindow(start: start, end: start))
        func add(_ calls: [String], _ abi: CallABI, _ phase: Phase, by executable: String) {
            for call in calls {
                let name = abi.name(on: architecture)
                var evidence = profile.calls[name]?[call] ?? CallEvidence(phases: [:])
                evidence.phases[phase.name] = PhaseEvidence(first: start, last: start, executables: [executable: 7])
                profile.calls[name, default: [:]][call] = evidence
            }
        }
        add(workload, .native, .workload, by: "/usr/bin/web")
        add(compat, .compat, .workload, by: "/usr/bin/old")
        add(filteredSetup, .native, .filteredSetup, by: "/usr/bin/runc")
        add(sessionSetup, .native, .sessionFilteredSetup, by: "/usr/bin/runc")
        profile.arguments = arguments
        profile.decisions = decisions
        return profile
    }

    /// What a small threaded server calls.
    static let server = [
        "read", "write", "openat", "close", "mmap", "munmap", "brk", "socket", "bind", "listen", "accept4", "clone3",
        "futex", "execve", "arch_prctl", "set_robust_list", "rseq", "mprotect",
    ]

    static func families(
        _ values: [UInt32], calls: UInt64 = 100, runs: Int = 3, grewLate: Bool = false, overflowed: Bool = false
    ) -> [String: ArgumentEvidence] {
        [
            "socket.family": ArgumentEvidence(
                values: [Phase.workload.name: values], overflowed: overflowed, calls: calls, runs: runs,
                grewLate: grewLate)
        ]
    }
}
