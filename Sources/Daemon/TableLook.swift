// SPDX-License-Identifier: Apache-2.0
import Events

/// When one of the kernel's tables of facts is looked at: where it has grown, where a record of a first time came, and in
/// any case once a round. A new entry waits a while for its record, which knows more. For one thread.
struct TableLook {
    /// How long a record may take from the kernel to the control thread, nanoseconds.
    static let recordPatience: UInt64 = 2_000_000_000
    /// Records kept; of what comes beyond the table's entry is told without its process's parents.
    static let storyLimit = 4096
    /// Between a record and the look that it causes, and between two looks at what has grown; nanoseconds.
    static let quickly: UInt64 = 50_000_000
    static let second: UInt64 = 1_000_000_000

    /// Between two looks in any case, nanoseconds.
    private let round: UInt64
    /// How many entries of the table are a slot's now.
    private let count: (UInt32) -> UInt64
    /// How many that were at the last look.
    private var kept: [UInt32: UInt64] = [:]
    /// Records of first times that came since, oldest first.
    private var stories: [Record] = []
    private var nextLook: UInt64 = 0
    private var nextRound: UInt64 = 0
    /// Whether an entry was left for its record to come.
    private var isWaiting = false
    /// Slots that will be given back: what of them is not told now, nobody will tell.
    private var leaving: Set<UInt32> = []
    /// Of the look that is at work: when it is, nil if there will be no other; and the records by slot and time.
    private var time: UInt64?
    private var records: [UInt32: [UInt64: Record]] = [:]

    /// Looks every `round` nanoseconds, and when `count`, the entries of a slot, is another than it was.
    init(round: UInt64, count: @escaping (UInt32) -> UInt64) {
        self.round = round
        self.count = count
    }

    /// When there is something to do, nanoseconds of CLOCK_BOOTTIME; nil if nothing waits.
    var deadline: UInt64? { stories.isEmpty ? nil : nextLook }

    /// Takes the record of a first time.
    mutating func take(_ record: Record, now: UInt64) {
        if stories.count < Self.storyLimit { stories.append(record) }
        nextLook = min(nextLook, now + Self.quickly)
    }

    /// Notes that these slots will be given back.
    mutating func leave(_ slots: Set<UInt32>) {
        guard isWaiting || hasGrown(slots) else { return }
        leaving.formUnion(slots)
    }

    /// Begins a look if one is due, or if it `isLast`, of all of `slots`; false if none is. `end` follows.
    mutating func begin(_ slots: some Sequence<UInt32>, now: UInt64, isLast: Bool) -> Bool {
        guard isLast || now >= nextLook || !leaving.isEmpty else { return false }
        nextLook = now + Self.second
        guard isLast || !stories.isEmpty || !leaving.isEmpty || isWaiting || now >= nextRound || hasGrown(slots) else {
            return false
        }
        nextRound = now + round
        time = isLast ? nil : now
        isWaiting = false
        kept = [:]
        for slot in slots { kept[slot] = count(slot) }
        for record in stories {
            if let slot = record.slot { records[slot, default: [:]][record.timeNanoseconds] = record }
        }
        stories = []
        return true
    }

    /// The record of an entry that was made at this time, if it came since the last look.
    func record(ofSlot slot: UInt32, first: UInt64) -> Record? { records[slot]?[first] }

    /// Whether an entry that is new is left for the next look, since its record may be on its way.
    mutating func waits(forSlot slot: UInt32, first: UInt64) -> Bool {
        guard let time, records[slot]?[first] == nil, !leaving.contains(slot), time < first + Self.recordPatience else {
            return false
        }
        isWaiting = true
        return true
    }

    /// Ends the look.
    mutating func end() {
        records = [:]
        leaving = []
    }

    private func hasGrown(_ slots: some Sequence<UInt32>) -> Bool { slots.contains { count($0) != kept[$0] ?? 0 } }
}
