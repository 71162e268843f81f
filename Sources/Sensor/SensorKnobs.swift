// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Glibc
import Platform

/// A configuration in the kernel programs' terms: their constants and the sizes of the maps.
struct SensorKnobs {
    private(set) var raw: rf_knobs
    let slots: Int
    /// The first `slots` of them are the slots' own, for executables beyond the bound.
    let subs: Int
    /// Executables that have a sub-slot of their own.
    var ownSubs: Int { subs - slots }
    /// At least 1: an array map cannot be empty.
    let pages: Int
    let denials: UInt32
    /// Sets of values of arguments.
    let options: UInt32
    /// Sets of calls under own filters: one for each sub-slot, or 1.
    let steady: Int
    let policies: Int
    let deviations: Int
    /// Cgroups that are told apart where only the fallback program runs; 1.7 kB each.
    let fallbackCgroups: UInt32 = 1024
    let peers: UInt32
    let unixPeers: UInt32
    let ringBytes: UInt32
    let traceBytes: UInt32
    private let object: [UInt8]?

    init(_ configuration: SensorConfiguration) throws(BPFError) {
        slots = Int(min(max(configuration.slots, 1), 65536))
        subs = slots + Int(min(max(configuration.subslots, 1), 262_144))
        pages = Int(max(configuration.countPages, 1))
        denials = configuration.watchesDenials ? 8192 : 1
        options = configuration.keepsOptions ? 4096 : 1
        steady = configuration.keepsSteady ? subs : 1
        policies = Int(max(configuration.policies, 1))
        deviations = configuration.policies > 0 ? Int(max(configuration.deviations, 1)) : 1
        peers = configuration.network == nil ? 1 : max(configuration.peers, 1)
        unixPeers = max(peers / 4, 1)
        let page = UInt32(sysconf(Int32(_SC_PAGESIZE)))
        ringBytes = max(configuration.ringBytes, page)
        traceBytes = max(configuration.traceBytes, page)
        object = configuration.object
        var knobs = rf_knobs()
        switch configuration.scope {
        case .everything: knobs.scope = UInt32(RF_SCOPE_ALL)
        case .cgroup(let id):
            knobs.scope = UInt32(RF_SCOPE_CGROUP)
            knobs.target_cgroup = id
        case .process(let process):
            knobs.scope = UInt32(RF_SCOPE_PROCESS)
            knobs.target_process = process
        }
        knobs.max_slots = UInt32(slots)
        knobs.max_subs = UInt32(subs)
        knobs.max_count_pages = UInt32(pages)
        knobs.count_calls = configuration.countPages > 0 ? 1 : 0
        knobs.watch_exit = configuration.watchesDenials ? 1 : 0
        knobs.watch_network = configuration.network == nil ? 0 : 1
        knobs.watch_names = configuration.names && configuration.network != nil ? 1 : 0
        knobs.keep_options = configuration.keepsOptions ? 1 : 0
        knobs.keep_steady = configuration.keepsSteady ? 1 : 0
        knobs.host_mount_ns = HostNamespaces.inode(of: "mnt") ?? 0
        knobs.host_pid_ns = HostNamespaces.inode(of: "pid") ?? 0
        knobs.legacy_controller = -1
        if let controller = configuration.legacyController {
            guard let index = try KernelTypes().controllerIndex(controller) else {
                throw BPFError(step: .configure, subject: "the cgroup controller \(controller)", errno: ENOENT)
            }
            knobs.legacy_controller = index
        }
        for (kind, budget) in configuration.budgets {
            unsafe rf_knobs_set_budget(&knobs, kind.rawValue, budget)
        }
        raw = knobs
    }

    /// The programs work while the switch that all generations share holds this.
    mutating func set(generation: UInt64) { raw.generation = generation }

    /// For kernels that refuse what reading names needs.
    mutating func leaveOutNames() { raw.watch_names = 0 }

    /// What tells two set-ups apart that must not share maps: layout, programs, constants and sizes.
    var stamp: String {
        var hash = Fingerprint()
        hash.add(object: object)
        var constants = raw
        constants.generation = 0
        unsafe withUnsafeBytes(of: constants) { hash.add($0) }
        for (_, bytes) in mapSizes { unsafe withUnsafeBytes(of: bytes) { hash.add($0) } }
        return "\(RF_LAYOUT_VERSION)-\(hash.text)"
    }
}
