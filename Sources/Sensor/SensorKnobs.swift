// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Glibc

/// A configuration in the kernel programs' terms: their constants and the sizes of the maps.
struct SensorKnobs {
    let raw: rf_knobs
    let slots: Int
    let subs: Int
    /// At least 1: an array map cannot be empty.
    let pages: Int
    let denials: UInt32

    init(_ configuration: SensorConfiguration) throws(BPFError) {
        slots = Int(min(max(configuration.slots, 1), 65536))
        subs = Int(min(max(configuration.subslots, UInt32(slots) * 2), 262_144))
        pages = Int(max(configuration.countPages, 1))
        denials = configuration.watchesDenials ? 8192 : 1
        var knobs = rf_knobs()
        switch configuration.scope {
        case .everything: knobs.scope = UInt32(RF_SCOPE_ALL)
        case .cgroup(let id, let level):
            knobs.scope = UInt32(RF_SCOPE_CGROUP)
            knobs.target_cgroup = id
            knobs.target_level = level
        case .process(let process):
            knobs.scope = UInt32(RF_SCOPE_PROCESS)
            knobs.target_process = process
        }
        knobs.max_slots = UInt32(slots)
        knobs.max_subs = UInt32(subs)
        knobs.max_count_pages = UInt32(pages)
        knobs.count_calls = configuration.countPages > 0 ? 1 : 0
        knobs.watch_exit = configuration.watchesDenials ? 1 : 0
        knobs.host_mount_ns = HostNamespaces.inode(of: "mnt")
        knobs.host_pid_ns = HostNamespaces.inode(of: "pid")
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

    /// Bytes of the maps whose size is fixed when they are made.
    var mapBytes: Int {
        slots * (MemoryLayout<rf_slot>.stride + 64) + subs * (MemoryLayout<rf_sub>.stride + 96)
            + pages * MemoryLayout<rf_count_page>.stride + (1 << 20)
    }
}
