// SPDX-License-Identifier: Apache-2.0

/// A kernel program of the object, and what is lost without it.
package enum SensorProgram: String, CaseIterable, Sendable {
    case sysEnter = "rf_sys_enter"
    case sysExit = "rf_sys_exit"
    case fork = "rf_fork"
    case exec = "rf_exec"
    case exit = "rf_exit"
    case cgroupMade = "rf_cgroup_mkdir"
    case cgroupRemoved = "rf_cgroup_rmdir"
    case cgroupAttach = "rf_cgroup_attach"
    case ioUringRequest = "rf_io_uring_req"
    case ioUringSQE = "rf_io_uring_sqe"
    case existingTasks = "rf_existing_tasks"
    case fallback = "rf_fallback"
    case connect4 = "rf_connect4"
    case connect6 = "rf_connect6"
    case send4 = "rf_sendmsg4"
    case send6 = "rf_sendmsg6"
    case receive4 = "rf_recvmsg4"
    case receive6 = "rf_recvmsg6"
    case bind4 = "rf_bind4"
    case bind6 = "rf_bind6"
    case connectUnix = "rf_connect_unix"
    case socketState = "rf_sock_state"
    case capable = "rf_capable"
    case dnsQuery = "rf_dns_query"
    case dnsAnswer = "rf_dns_answer"

    /// Those that see network addresses.
    package static let network: Set<SensorProgram> = [
        .connect4, .connect6, .send4, .send6, .receive4, .receive6, .bind4, .bind6, .connectUnix, .socketState,
    ]

    /// Those that read DNS messages.
    package static let names: Set<SensorProgram> = [.dnsQuery, .dnsAnswer]

    /// The kernel tracepoint, as BTF knows it; nil for an iterator and for what is attached to a cgroup.
    var tracepoint: String? {
        switch self {
        case .sysEnter, .fallback: "sys_enter"
        case .sysExit: "sys_exit"
        case .fork: "sched_process_fork"
        case .exec: "sched_process_exec"
        case .exit: "sched_process_exit"
        case .cgroupMade: "cgroup_mkdir"
        case .cgroupRemoved: "cgroup_rmdir"
        case .cgroupAttach: "cgroup_attach_task"
        case .ioUringRequest: "io_uring_submit_req"
        case .ioUringSQE: "io_uring_submit_sqe"
        case .socketState: "inet_sock_set_state"
        case .capable: "cap_capable"
        case .existingTasks: nil
        case .connect4, .connect6, .send4, .send6, .receive4, .receive6, .bind4, .bind6, .connectUnix: nil
        case .dnsQuery, .dnsAnswer: nil
        }
    }

    /// Whether it is attached to a cgroup, and sees that one and all below.
    var hooksCgroup: Bool {
        Self.names.contains(self) || Self.network.contains(self) && tracepoint == nil
    }

    /// Whether recording with phases and executables is impossible without it.
    var isEssential: Bool {
        switch self {
        case .sysEnter, .fork, .exec, .exit: true
        default: false
        }
    }

    /// Whether a profile is whole without it: what it tells has a place of its own, which then says that it is not known.
    package var isExtra: Bool { self == .capable }

    /// What is not known when it is missing, in words for people.
    package var lossWithoutIt: String {
        switch self {
        case .sysEnter, .fallback: "system calls are not recorded"
        case .sysExit: "calls denied by a seccomp filter are not seen"
        case .fork, .exec, .exit: "phases and executables are not told apart"
        case .cgroupMade, .cgroupRemoved: "cgroups are noticed at their first call, not when they are made"
        case .cgroupAttach: "a process moved into a container is noticed at its next call"
        case .ioUringRequest, .ioUringSQE: "io_uring operations are not recorded"
        case .connect4, .connect6: "connections are not recorded"
        case .send4, .send6: "datagrams of sockets that are not connected are not recorded"
        case .receive4, .receive6: "answers of datagram servers are taken for contacts of theirs"
        case .bind4, .bind6: "ports that receive datagrams are not recorded"
        case .connectUnix: "connections to unix sockets are not recorded"
        case .socketState: "listeners, and what became of connections, are not recorded"
        case .capable: "capabilities that are used are not recorded"
        case .dnsQuery, .dnsAnswer: "names of addresses are not known"
        case .existingTasks: "tasks older than the recording are noticed at their next call"
        }
    }
}

/// What became of one program.
package struct ProgramStatus: Sendable, Equatable {
    package let program: SensorProgram
    /// Why it is not attached, in words; nil if it is.
    package let missing: String?
}
