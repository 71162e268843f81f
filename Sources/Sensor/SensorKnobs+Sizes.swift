// SPDX-License-Identifier: Apache-2.0
import CEvents
import Glibc

/// What the maps take of the kernel's memory.
extension SensorKnobs {
    /// Each map, with its bytes as the kernel makes it (kernel/bpf/arraymap.c, hashtab.c and ringbuf.c of Linux 6.18): task
    /// storage is the tasks', and that of sockets theirs, and neither is counted; entries of the tables of edges and
    /// credentials, of which there can be 0.9 and 0.4 MB, are made when they are needed, and are not counted either.
    var mapSizes: [(name: String, bytes: Int)] {
        [
            ("rf_slots", Self.array(slots, MemoryLayout<rf_slot>.stride)),
            ("rf_subs", Self.array(subs, MemoryLayout<rf_sub>.stride)),
            ("rf_counts", Self.array(pages, MemoryLayout<rf_count_page>.stride)),
            ("rf_policies", Self.array(policies, MemoryLayout<rf_policy>.stride)),
            ("rf_control", Self.array(1, MemoryLayout<rf_control>.stride)),
            ("rf_generation", Self.array(1, MemoryLayout<UInt64>.stride)),
            ("rf_slot_of", Self.hash(slots, key: 8, value: 4)),
            (
                "rf_namespaces",
                Self.hash(slots, key: 8, value: MemoryLayout<rf_namespace_owner>.stride)
            ),
            ("rf_sub_of", Self.hash(max(ownSubs, 1), key: MemoryLayout<rf_sub_key>.stride, value: 4)),
            (
                "rf_deviations",
                Self.hash(
                    deviations, key: MemoryLayout<rf_deviation_key>.stride, value: MemoryLayout<rf_deviation>.stride)
            ),
            (
                "rf_denials",
                Self.hash(
                    Int(denials), key: MemoryLayout<rf_denied_key>.stride, value: MemoryLayout<rf_denied>.stride)
            ),
            (
                "rf_peers",
                Self.hash(
                    Int(peers), key: MemoryLayout<rf_peer_key>.stride, value: MemoryLayout<rf_peer_facts>.stride)
            ),
            (
                "rf_unix_peers",
                Self.hash(
                    Int(unixPeers), key: MemoryLayout<rf_unix_key>.stride, value: MemoryLayout<rf_peer_facts>.stride)
            ),
            ("rf_options", Self.buckets(Int(options))),
            ("rf_steady", Self.array(steady, MemoryLayout<rf_steady>.stride)),
            ("rf_edges", Self.buckets(Self.edges)), ("rf_credentials", Self.buckets(Self.credentials)),
            ("rf_outsiders", Self.hash(Self.outsiders, key: 8, value: 4)),
            ("rf_free_slots", slots * 4), ("rf_free_subs", max(ownSubs, 1) * 4),
            ("rf_priority", Self.ring(Int(ringBytes))), ("rf_bulk", Self.ring(Int(traceBytes))),
        ]
    }

    /// Entries of rf_outsiders, rf_edges and rf_credentials: fixed in `bpf/maps.h`.
    private static let outsiders = 4096
    private static let edges = 8192
    private static let credentials = 4096

    /// An array that can be mapped: its elements in whole pages, and one before them.
    private static func array(_ count: Int, _ stride: Int) -> Int {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        return page + (count * stride + page - 1) / page * page
    }

    /// A hash table: a bucket of 16 bytes for each entry, to the next power of two, and 48 bytes before each entry, of which
    /// every processor that could be there has one more.
    private static func hash(_ count: Int, key: Int, value: Int) -> Int {
        func words(_ size: Int) -> Int { (size + 7) & ~7 }
        let spare = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_CONF))))
        return (count + spare) * (48 + words(key) + words(value)) + buckets(count)
    }

    /// The buckets alone, of a table whose entries are made when they are needed.
    private static func buckets(_ count: Int) -> Int {
        var buckets = 1
        while buckets < count { buckets *= 2 }
        return buckets * 16
    }

    /// A ring: its bytes, three pages for its positions, and a pointer for each place where a page is mapped, which is twice.
    private static func ring(_ bytes: Int) -> Int {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        return bytes + 3 * page + (3 + 2 * bytes / page) * 8
    }
}
