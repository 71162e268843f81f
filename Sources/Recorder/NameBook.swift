// SPDX-License-Identifier: Apache-2.0
package import Containers
package import Events
import Platform
package import Sensor
import Synchronization

/// The names by which cgroups have found addresses. One thread adds to it, in the order in which the kernel saw packets and
/// contacts (the daemon's writer thread); others may look. It forgets with its process: names are found again when they are
/// asked for again.
package final class NameBook: Sendable {
    /// What became of messages, for `status`.
    package struct Counters: Equatable, Sendable {
        /// Answers that gave addresses their names, or said that there are none.
        package var answers: UInt64 = 0
        /// Queries to resolvers that are not configured, and answers that nobody waited for: they name nothing.
        package var foreignQueries: UInt64 = 0
        package var unaskedAnswers: UInt64 = 0
        /// Messages that are none.
        package var malformed: UInt64 = 0
        /// Names and queries that found no room, or had to make it.
        package var lost: UInt64 = 0
        /// Addresses with names.
        package var addresses = 0
    }

    private struct Cgroup {
        var names = ResolvedNames()
        var resolvers: Set<NetworkAddress> = []
        /// When they may be read again, nanoseconds of CLOCK_BOOTTIME.
        var nextReading: UInt64 = 0
    }

    private struct Book {
        private(set) var cgroups: [UInt64: Cgroup] = [:]
        var counters = Counters()
        /// The sum of their sizes.
        private var size = 0

        /// Changes what is known of a cgroup; false if there is no room for one more.
        mutating func change(_ id: UInt64, limit: Int, _ body: (inout Cgroup) -> Void) -> Bool {
            guard cgroups[id] != nil || cgroups.count < NameBook.cgroupLimit else { return false }
            var cgroup = cgroups.removeValue(forKey: id) ?? Cgroup()
            size -= cgroup.names.size
            body(&cgroup)
            size += cgroup.names.size
            cgroups[id] = cgroup
            while size > limit { makeRoom() }
            return true
        }

        /// Whoever has the most gives: no flood pushes out what a quiet neighbour knows.
        private mutating func makeRoom() {
            let largest = cgroups.max { ($0.value.names.size, $1.key) < ($1.value.names.size, $0.key) }
            guard let id = largest?.key, var cgroup = cgroups.removeValue(forKey: id) else { return }
            size -= cgroup.names.size
            cgroup.names.forgetOldest()
            size += cgroup.names.size
            cgroups[id] = cgroup
        }

        mutating func remove(_ id: UInt64) {
            guard let cgroup = cgroups.removeValue(forKey: id) else { return }
            size -= cgroup.names.size
            counters.lost += UInt64(cgroup.names.lost)
        }
    }

    private let book = Mutex(Book())
    private let sensor: SensorHandle?
    private let hierarchy: CgroupHierarchy?
    private let resolversOf: @Sendable (UInt32) -> Set<NetworkAddress>?
    private let standIn: UInt32?
    private let limit: Int

    /// Names, once for each address that they have, and queries that wait, of all cgroups: 30 MB where each name is as long
    /// as one can be. Beyond, the cgroup that has the most loses the older half of its own.
    package static let limit = 65_536
    /// How long a file of resolvers is taken for what it was: an engine changes it when it joins a network.
    private static let readingPace: UInt64 = 10_000_000_000
    /// The same where it could not be read: whoever asked may have ended at once, and the next one is asked.
    private static let failurePace: UInt64 = 100_000_000
    private static let cgroupLimit = 4096

    /// An empty book.
    ///
    /// - Parameters:
    ///   - sensor: says where cgroups are; nil: the process that asked is the only one that resolvers are read of.
    ///   - standIn: a process with the same resolvers, for when all of a cgroup's have ended.
    ///   - limit: see `limit`.
    ///   - resolvers: reads those of a process.
    package init(
        _ sensor: Sensor?, _ hierarchy: CgroupHierarchy?, standIn: UInt32? = nil, limit: Int = NameBook.limit,
        resolvers: @escaping @Sendable (UInt32) -> Set<NetworkAddress>? = { ResolverFile.resolvers(ofProcess: $0) }
    ) {
        self.sensor = sensor.map { SensorHandle($0) }
        self.hierarchy = hierarchy
        self.standIn = standIn
        self.limit = limit
        resolversOf = resolvers
    }

    /// What became of messages so far.
    package var counters: Counters {
        book.withLock { book in
            var counters = book.counters
            for cgroup in book.cgroups.values {
                counters.lost += UInt64(cgroup.names.lost)
                counters.addresses += cgroup.names.counts.addresses
            }
            return counters
        }
    }

    /// Takes a record of kind `dns`.
    package func take(_ record: Record) {
        guard let packet = DNSPacket(record) else { return }
        guard let message = try? DNSMessage(packet.bytes, isCut: packet.isCut), message.isAnswer == packet.isAnswer
        else {
            return book.withLock { $0.counters.malformed += 1 }
        }
        let isTrusted = !packet.isAnswer && isConfigured(packet, record)
        book.withLock { book in
            var isAsked = false
            let hasRoom = book.change(record.cgroupID, limit: limit) { cgroup in
                if packet.isAnswer {
                    isAsked = cgroup.names.answered(message, packet.exchange, now: record.timeNanoseconds)
                } else {
                    cgroup.names.asked(
                        message, packet.exchange, isTrusted: isTrusted, now: record.timeNanoseconds)
                }
            }
            switch (hasRoom, packet.isAnswer) {
            case (false, _): book.counters.lost += 1
            case (true, true) where isAsked: book.counters.answers += 1
            case (true, true): book.counters.unaskedAnswers += 1
            case (true, false): book.counters.foreignQueries += isTrusted ? 0 : 1
            }
        }
    }

    /// The names of an address that a cgroup had found by the first of these moments when it had any, the likeliest first.
    package func hosts(_ cgroup: UInt64?, _ address: NetworkAddress?, at moments: [UInt64]) -> [String] {
        guard let cgroup, let address else { return [] }
        return book.withLock { book in
            guard let names = book.cgroups[cgroup]?.names else { return [] }
            return moments.lazy.map { names.names(of: address, now: $0) }.first { !$0.isEmpty } ?? []
        }
    }

    /// All that is known of some cgroups.
    package func names(of cgroups: some Sequence<UInt64>) -> [UInt64: ResolvedNames] {
        book.withLock { book in
            cgroups.reduce(into: [:]) { found, cgroup in
                if let names = book.cgroups[cgroup]?.names, names.counts.addresses > 0 { found[cgroup] = names }
            }
        }
    }

    /// Forgets all cgroups but these.
    package func keep(_ cgroups: Set<UInt64>) {
        book.withLock { book in
            for id in book.cgroups.keys where !cgroups.contains(id) { book.remove(id) }
        }
    }

    /// Whether a query goes to a configured resolver. The file is read outside of the lock, and again only after a while: a
    /// container that asks strangers without pause costs no more.
    private func isConfigured(_ packet: DNSPacket, _ record: Record) -> Bool {
        let now = record.timeNanoseconds
        let (known, isDue) = book.withLock { book in
            let cgroup = book.cgroups[record.cgroupID]
            return (cgroup?.resolvers ?? [], now >= cgroup?.nextReading ?? 0)
        }
        if known.contains(packet.exchange.resolver) { return true }
        guard isDue else { return false }
        let asked = processes(of: packet, record) + (standIn.map { [$0] } ?? [])
        let fresh = asked.lazy.compactMap { self.resolversOf($0) }.first
        book.withLock { book in
            _ = book.change(record.cgroupID, limit: limit) { cgroup in
                if let fresh { cgroup.resolvers = fresh }
                cgroup.nextReading = now + (fresh == nil ? Self.failurePace : Self.readingPace)
            }
        }
        return fresh?.contains(packet.exchange.resolver) ?? false
    }

    /// The process that asked, if it is still in the cgroup, and others there: whoever asks may end at once.
    private func processes(of packet: DNSPacket, _ record: Record) -> [UInt32] {
        guard let sensor, let hierarchy else { return [packet.process] }
        guard let slot = record.slot.flatMap({ sensor.sensor.slot(at: $0) }), slot.cgroupID == record.cgroupID,
            !slot.pathIsCut
        else { return [] }
        let others = (try? hierarchy.processes(in: slot.path)) ?? []
        let all = others.compactMap { UInt32(exactly: $0) }
        return (all.contains(packet.process) ? [packet.process] : []) + all.prefix(2)
    }
}
