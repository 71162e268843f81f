// SPDX-License-Identifier: Apache-2.0

/// One way of being watched.
enum Rung: String, CaseIterable, Encodable {
    case nothing
    case empty
    case learning
    case monitored
    case counting
    case denials
    case everything
    case bpftrace
    case strace

    /// Those that can be attached and detached within milliseconds.
    static let interleaved: [Rung] = [.nothing, .empty, .learning, .monitored, .counting, .denials, .everything]

    /// What the table calls it.
    var title: String {
        switch self {
        case .nothing: "nothing attached"
        case .empty: "an empty program on sys_enter"
        case .learning: "ringfence, learning, all known"
        case .monitored: "ringfence, monitored (policy)"
        case .counting: "ringfence, each call counted"
        case .denials: "ringfence, denials watched (sys_exit too)"
        case .everything: "ringfence, every cgroup"
        case .bpftrace: "bpftrace, count by cgroup and call"
        case .strace: "strace -f -c"
        }
    }

    /// Whether it can be tried here.
    var isInstalled: Bool {
        switch self {
        case .bpftrace: Child.isInstalled("bpftrace") && Child.isInstalled("unshare")
        case .strace: Child.isInstalled("strace")
        default: true
        }
    }

    /// The command line that the timed process runs under.
    var prefix: [String] { self == .strace ? ["strace", "-f", "-c", "-o", "/dev/null"] : [] }
}
