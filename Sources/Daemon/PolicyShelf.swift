// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Sensor

/// The tables of what is allowed: which are free, which profile has which. A table is written while nobody has it, and
/// published by one store. Control thread.
final class PolicyShelf {
    /// What cgroups have that nobody has named yet: everything but the never-allow list.
    static let unnamed: UInt32 = 0
    /// What cgroups have that are not watched: everything.
    static let unwatched: UInt32 = 1

    private let sensor: Sensor
    private let count: UInt32
    private var free: [UInt32]
    private var retired: [(index: UInt32, time: UInt64)] = []
    /// Tables that slots had from an earlier process, until none has them any more.
    private var kept: Set<UInt32> = []
    private var nextSweep: UInt64 = 0
    /// What was written where; what is retired stays until the place is written anew.
    private var written: [UInt32: (bits: PolicyBits, profile: UInt32)] = [:]
    private var serial: UInt64 = 0
    /// How often no table was free.
    private(set) var shortages = 0

    /// Records that name a table may be on their way for so long.
    private static let grace: UInt64 = 10_000_000_000

    init(_ sensor: Sensor, count: UInt32) {
        self.sensor = sensor
        self.count = count
        free = Array((2..<max(3, count)).reversed())
    }

    /// Tables that profiles have.
    var used: Int { Int(count) - 2 - free.count - retired.count }

    /// Keeps a table that slots of an earlier process have.
    func keep(_ index: UInt32) {
        guard index > Self.unwatched, kept.insert(index).inserted else { return }
        free.removeAll { $0 == index }
    }

    /// Takes back the tables of an earlier process that no slot has any more; looks once a second while there are any.
    func sweep(now: UInt64) {
        guard !kept.isEmpty, now >= nextSweep else { return }
        nextSweep = now + 1_000_000_000
        let used = Set((0..<sensor.slotsUsed).compactMap { sensor.policy(ofSlot: $0) })
        for index in kept.subtracting(used) {
            kept.remove(index)
            retire(index, now: now)
        }
    }

    /// Writes one of the two tables that no profile has.
    func fill(_ index: UInt32, with bits: PolicyBits) { write(index, bits, profile: 0) }

    /// A table that holds `bits`; nil if none is free.
    func make(_ bits: PolicyBits, profile: UInt32, now: UInt64) -> UInt32? {
        let usable = retired.prefix { now >= $0.time + Self.grace }
        free += usable.map(\.index)
        retired.removeFirst(usable.count)
        guard let index = free.popLast() else {
            shortages += 1
            return nil
        }
        write(index, bits, profile: profile)
        return index
    }

    /// Takes a table back that no slot has any more.
    func retire(_ index: UInt32, now: UInt64) {
        guard index > Self.unwatched else { return }
        retired.append((index, now))
    }

    /// Writes again what somebody else has changed, since only this process writes tables; which those were.
    func mend() -> [UInt32] {
        let changed = sensor.withPolicies { tables -> [UInt32] in
            guard let base = tables.baseAddress else { return [] }
            let view = unsafe PolicyTables(base, count: tables.count)
            return written.filter { Int($0.key) < view.count && !view.holds(Int($0.key), $0.value.bits) }.map(\.key)
        }
        for index in changed ?? [] {
            if let (bits, profile) = written[index] { write(index, bits, profile: profile) }
        }
        return (changed ?? []).sorted()
    }

    private func write(_ index: UInt32, _ bits: PolicyBits, profile: UInt32) {
        serial += 1
        written[index] = (bits, profile)
        _ = sensor.withPolicies { tables in
            guard let base = tables.baseAddress, Int(index) < tables.count else { return }
            unsafe PolicyTables(base, count: tables.count).fill(
                Int(index), with: bits, serial: serial, profile: profile)
        }
    }
}
