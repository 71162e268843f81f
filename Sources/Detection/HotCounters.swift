// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What one hot thread counts. That thread alone adds, through `Writer`; any thread reads, without a lock. Each counter
/// is exact; a snapshot's counters are read one after another, so sums over them hold at rest.
@safe package final class HotCounters: @unchecked Sendable {
    /// One counter; those by verdict come first, at the verdict's raw value.
    package enum Counter: Int, Sendable, CaseIterable {
        /// Records that went into the ring to the writer.
        case pushed = 16
        /// Records that found that ring full.
        case dropped = 17
        /// Records that were not allowed because their policy's index lies beyond the array.
        case unknownPolicy = 18
        /// Calls of the full trace where the kernel's verdict and the judge's differ.
        case disagreed = 19

        /// The raw value; see `Verdict.index`.
        fileprivate var index: Int {
            @_noLocks @_noAllocation get {
                switch self {
                case .pushed: 16
                case .dropped: 17
                case .unknownPolicy: 18
                case .disagreed: 19
                }
            }
        }
    }

    /// The adding end: a pointer into the counters, which must outlive it.
    @safe package struct Writer: @unchecked Sendable {
        private let places: UnsafeMutablePointer<Atomic<UInt64>>

        init(_ places: UnsafeMutablePointer<Atomic<UInt64>>) { unsafe self.places = places }

        /// Counts a record by its verdict.
        @_noLocks @_noAllocation
        package func count(_ verdict: Verdict) { add(at: verdict.index) }

        /// Counts one of the others.
        @_noLocks @_noAllocation
        package func count(_ counter: Counter) { add(at: counter.index) }

        /// A plain add: nobody else writes, and a reader sees whole words.
        @_noLocks @_noAllocation
        private func add(at index: Int) {
            // SAFETY: raw values are below the number of places, and the owner outlives this end.
            unsafe places[index].store(places[index].load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        }
    }

    /// The counters at one moment.
    package struct Snapshot: Sendable, Equatable {
        fileprivate var values: [UInt64]

        /// Records with this verdict.
        package subscript(verdict: Verdict) -> UInt64 { values[Int(verdict.rawValue)] }

        /// One of the others.
        package subscript(counter: Counter) -> UInt64 { values[counter.rawValue] }

        /// Records that were judged, the malformed ones included.
        package var judged: UInt64 { Verdict.allCases.reduce(0) { $0 &+ self[$1] } }

        /// Adds what another thread counted.
        package static func += (left: inout Snapshot, right: Snapshot) {
            for index in left.values.indices { left.values[index] &+= right.values[index] }
        }
    }

    private static let places = 32
    private let memory: UnsafeMutablePointer<Atomic<UInt64>>

    /// Counters at 0, on cache lines of their own.
    package init() {
        // SAFETY: owned by this object, freed in deinit; zeroed bytes are atomics at 0.
        let raw = UnsafeMutableRawPointer.allocate(byteCount: Self.places * 8, alignment: 128)
        unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: Self.places * 8)
        unsafe memory = raw.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    deinit { unsafe UnsafeMutableRawPointer(memory).deallocate() }

    /// The adding end, for one thread.
    package var writer: Writer { unsafe Writer(memory) }

    /// The counters now.
    package var snapshot: Snapshot {
        Snapshot(values: (0..<Self.places).map { unsafe memory[$0].load(ordering: .relaxed) })
    }
}
