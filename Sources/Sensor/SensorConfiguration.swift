// SPDX-License-Identifier: Apache-2.0
package import Events

/// What a sensor records, and how much room it gets.
package struct SensorConfiguration: Sendable {
    /// Whose calls are recorded.
    package enum Scope: Sendable, Equatable {
        /// Every cgroup of the host.
        case everything
        /// One cgroup and all below it, by its id.
        case cgroup(id: UInt64)
        /// One process and its descendants, by thread group id in the initial pid namespace.
        case process(UInt32)
    }

    package var scope: Scope
    /// Cgroups that can be told apart, at most 65,536. 2.5 kB each.
    package var slots: UInt32 = 4096
    /// Executables over all cgroups, at most 262,144. 1.7 kB each.
    package var subslots: UInt32 = 16384
    /// Pages of call counts (one per executable, phase and ABI that makes calls); 0 counts nothing. 4.6 kB each.
    package var countPages: UInt32 = 0
    /// Tables of what profiles allow; 0 judges nothing. 512 bytes each.
    package var policies: UInt32 = 0
    /// Deviations (one per executable, call and argument that a table does not allow) whose counts are kept; about 100 bytes
    /// each where there are tables.
    package var deviations: UInt32 = 12288
    /// Bytes of the ring that a full trace goes through, a power of two; 0 traces nothing.
    package var traceBytes: UInt32 = 0
    /// Bytes of the ring of records, a power of two.
    package var ringBytes: UInt32 = 1 << 20
    /// A directory of the BPF file system where programs and maps stay attached when this process ends, and are taken over
    /// by the next; nil: they end with it.
    package var pins: String?
    /// The BPF object to load; nil: the one that is part of this program.
    package var object: [UInt8]?
    /// Whether calls that a seccomp filter answers are watched, which needs a second hook on every call.
    package var watchesDenials = false
    /// Whether values of the arguments of ioctl, personality and prctl are kept: some 200 bytes for each cgroup, phase and call
    /// of these that is made.
    package var keepsOptions = false
    /// Whether calls under filters that programs load themselves are told apart: some 430 bytes for each executable.
    package var keepsSteady = false
    /// A directory of the cgroup2 hierarchy, to watch network addresses in it and below; nil: they are not watched.
    package var network: String?
    /// Whether DNS messages of watched cgroups are read, where addresses are watched.
    package var names = false
    /// Network peers over all cgroups, at most 1024 of one, and a quarter as many unix sockets; about 200 bytes each where
    /// addresses are watched.
    package var peers: UInt32 = 8192
    /// Whether the scope can hold tasks already: each is then looked at once, to give it its place.
    package var findsExistingTasks = true
    /// Attach only the program for kernels before 5.11, to try it where the others work too.
    package var fallbackOnly = false
    /// The controller whose hierarchy identifies containers on v1-only hosts, as `pids`; nil for cgroup2.
    package var legacyController: String?
    /// Records of each kind that one cgroup may send in a second before the rest are suppressed, and counted.
    package var budgets: [RecordKind: UInt64] = Self.defaultBudgets

    /// Room for stories, not for floods: facts do not depend on it.
    package static let defaultBudgets: [RecordKind: UInt64] = [
        .exec: 500, .firstUse: 2000, .outOfRange: 10, .denied: 200, .join: 100, .cgroupMade: 1000,
        .cgroupRemoved: 1000, .ioUringFirstUse: 200, .deviation: 200, .ioUringDeviation: 200, .peer: 200,
        .dns: 400,
    ]

    /// A configuration with the daemon's sizes.
    package init(scope: Scope) { self.scope = scope }
}
