// SPDX-License-Identifier: Apache-2.0
import CEvents
import Events
import Testing

@testable import Daemon

@Suite("When the kernel's tables are looked at")
struct TableLookTests {
    /// What a slot keeps, as the kernel would have it.
    private final class Counts { var kept: [UInt32: UInt64] = [1: 0, 2: 0] }

    private static let second: UInt64 = 1_000_000_000

    private let counts = Counts()

    private func table() -> TableLook {
        let counts = counts
        return TableLook(round: 60 * Self.second) { counts.kept[$0] ?? 0 }
    }

    /// Whether a look is due, which is then made of nothing.
    private func looks(_ table: inout TableLook, at now: UInt64, isLast: Bool = false) -> Bool {
        guard table.begin(counts.kept.keys, now: now, isLast: isLast) else { return false }
        table.end()
        return true
    }

    private func record(slot: UInt32, at time: UInt64) throws -> Record {
        var raw = rf_record()
        (raw.kind, raw.slot, raw.time_ns) = (UInt32(RF_KIND_EXEC), slot, time)
        return try #require(Record(copying: &raw))
    }

    @Test("it is looked at when a slot keeps more, once a second at most, and once a round in any case")
    func growth() {
        var table = table()
        let start = 100 * Self.second
        let first = looks(&table, at: start)
        counts.kept[2] = 1
        let early = looks(&table, at: start + Self.second - 1)
        let grown = looks(&table, at: start + Self.second)
        let quiet = (2..<60).map { looks(&table, at: start + UInt64($0) * Self.second) }
        let round = looks(&table, at: start + 61 * Self.second)
        let last = looks(&table, at: start + 61 * Self.second, isLast: true)
        #expect(first && !early && grown && !quiet.contains(true) && round && last)
    }

    @Test("a record causes a look soon, which finds it by its slot and time, once")
    func stories() throws {
        var table = table()
        let start = 100 * Self.second
        _ = looks(&table, at: start)
        #expect(table.deadline == nil)
        table.take(try record(slot: 2, at: 7), now: start)
        let due = try #require(table.deadline)
        #expect(due == start + TableLook.quickly)
        let early = table.begin(counts.kept.keys, now: due - 1, isLast: false)
        let begins = table.begin(counts.kept.keys, now: due, isLast: false)
        #expect(!early && begins && table.record(ofSlot: 2, first: 7) != nil)
        #expect(table.record(ofSlot: 1, first: 7) == nil && table.record(ofSlot: 2, first: 8) == nil)
        table.end()
        #expect(table.deadline == nil && table.record(ofSlot: 2, first: 7) == nil)
    }

    @Test("a new entry waits for its record, not for ever, and not where its slot goes or nobody looks again")
    func waiting() throws {
        var table = table()
        let start = 100 * Self.second
        counts.kept[1] = 1
        table.take(try record(slot: 2, at: start), now: start)
        _ = table.begin(counts.kept.keys, now: start + 1, isLast: true)
        let atLast = table.waits(forSlot: 1, first: start)
        table.end()
        counts.kept[1] = 2
        table.take(try record(slot: 2, at: start), now: start)
        _ = table.begin(counts.kept.keys, now: start + Self.second, isLast: false)
        let told = table.waits(forSlot: 2, first: start)
        let fresh = table.waits(forSlot: 1, first: start)
        let old = table.waits(forSlot: 1, first: start + Self.second - TableLook.recordPatience)
        table.end()
        #expect(!atLast && !told && fresh && !old)
        // What was left waiting is looked at again, although nothing has grown since.
        table.leave([1])
        let again = table.begin(counts.kept.keys, now: start + Self.second + 1, isLast: false)
        let leaving = table.waits(forSlot: 1, first: start)
        table.end()
        #expect(again && !leaving)
        table.leave([1])
        let settled = looks(&table, at: start + Self.second + 2)
        #expect(!settled, "nothing of it is new")
    }
}
