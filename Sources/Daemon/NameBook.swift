// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import Platform
import Sensor
import Synchronization

/// The names by which cgroups have found addresses. The writer thread adds to it, in the order in which the kernel saw
/// packets and contacts; the control thread looks. It forgets with the daemon: names are found again when they are asked
/// for again.
final class NameBook: Sendable {
    /// What became of messages, for `status`.
    struct Counters: Equatable, Sendable {
        /// Answers that gave addresses their names, or said that there are none.
        var answers: UInt64 = 0
        /// Queries to resolvers that are not configured, and answers that nobody waited for: they name nothing.
        var foreignQueries: UInt64 = 0
        var unaskedAnswers: UInt64 = 0
        /// Messages that are none.
        var malformed: UInt64 = 0
        /// Names and queries that found no room.
        var lost: UInt64 = 0
        /// Addresses with names.
        var addresses = 0
    }

    private struct Cgroup {
        var names = ResolvedNames()
        var resolvers: Set<NetworkAddress> = []
        /// When they may be read again, nanoseconds of CLOCK_BOOTTIME.
        var nextReading: UInt64 = 0
    }

    private struct Book {
        var cgroups: [UInt64: Cgroup] = [:]
        var counters = Counters()
    }

    private let book = Mutex(Book())
    private let sensor: SensorHandle?
    private let hierarchy: CgroupHierarchy?
    private let resolversOf: @Sendable (UInt32) -> Set<NetworkAddress>?

    /// How long a file of resolvers is taken for what it was: an engine changes it when it joins a network.
    private static let readingPace: UInt64 = 10_000_000_000
    /// The same where it could not be read: whoever asked may have ended at once, and the next one is asked.
    private static let failurePace: UInt64 = 100_000_000
    private static let cgroupLimit = 4096

    /// - Parameters:
    ///   - sensor: says where cgroups are; nil: the process that asked is the only one that resolvers are read of.
    ///   - resolvers: reads those of a process.
    init(
        _ sensor: Sensor?, _ hierarchy: CgroupHierarchy?,
        resolvers: @escaping @Sendable (UInt32) -> Set<NetworkAddress>? = { ResolverFile.resolvers(ofProcess: $0) }
    ) {
        self.sensor = sensor.map { SensorHandle($0) }
        self.hierarchy = hierarchy
        resolversOf = resolvers
    }

    var counters: Counters {
        book.withLock { book in
            var counters = book.counters
            for cgroup in book.cgroups.values {
                counters.lost += UInt64(cgroup.names.lost)
                counters.addresses += cgroup.names.counts.addresses
            }
            return counters
        }
    }

    /// Takes a record of kind `dns`. Writer thread.
    func take(_ record: Record) {
        guard let packet = DNSPacket(record) else { return }
        guard let message = try? DNSMessage(packet.bytes, isCut: packet.isCut), message.isAnswer == packet.isAnswer
        else {
            return book.withLock { $0.counters.malformed += 1 }
        }
        let isTrusted = !packet.isAnswer && isConfigured(packet, record)
        book.withLock { book in
            guard book.cgroups[record.cgroupID] != nil || book.cgroups.count < Self.cgroupLimit else {
                book.counters.lost += 1
                return
            }
            if !packet.isAnswer {
                if !isTrusted { book.counters.foreignQueries += 1 }
                book.cgroups[record.cgroupID, default: Cgroup()].names.asked(
                    message, packet.exchange, isTrusted: isTrusted, now: record.timeNanoseconds)
            } else if book.cgroups[record.cgroupID]?.names.answered(
                message, packet.exchange, now: record.timeNanoseconds) == true
            {
                book.counters.answers += 1
            } else {
                book.counters.unaskedAnswers += 1
            }
        }
    }

    /// The names of an address that a cgroup had found by the first of these moments when it had any, the likeliest first.
    func hosts(_ cgroup: UInt64?, _ address: NetworkAddress?, at moments: [UInt64]) -> [String] {
        guard let cgroup, let address else { return [] }
        return book.withLock { book in
            guard let names = book.cgroups[cgroup]?.names else { return [] }
            return moments.lazy.map { names.names(of: address, now: $0) }.first { !$0.isEmpty } ?? []
        }
    }

    /// All that is known of some cgroups.
    func names(of cgroups: some Sequence<UInt64>) -> [UInt64: ResolvedNames] {
        book.withLock { book in
            cgroups.reduce(into: [:]) { found, cgroup in
                if let names = book.cgroups[cgroup]?.names, names.counts.addresses > 0 { found[cgroup] = names }
            }
        }
    }

    /// Forgets all cgroups but these.
    func keep(_ cgroups: Set<UInt64>) {
        book.withLock { book in
            for (id, cgroup) in book.cgroups where !cgroups.contains(id) {
                book.counters.lost += UInt64(cgroup.names.lost)
                book.cgroups[id] = nil
            }
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
        let fresh = processes(of: packet, record).lazy.compactMap { self.resolversOf($0) }.first
        book.withLock { book in
            guard book.cgroups[record.cgroupID] != nil || book.cgroups.count < Self.cgroupLimit else { return }
            var cgroup = book.cgroups[record.cgroupID] ?? Cgroup()
            if let fresh { cgroup.resolvers = fresh }
            cgroup.nextReading = now + (fresh == nil ? Self.failurePace : Self.readingPace)
            book.cgroups[record.cgroupID] = cgroup
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
