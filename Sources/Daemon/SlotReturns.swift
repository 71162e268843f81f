// SPDX-License-Identifier: Apache-2.0
import Sensor

/// Gives slots back whose facts are saved, and has everybody forget what was counted for them. Control thread.
final class SlotReturns {
    private let sensor: Sensor
    private let tables: KeyTables
    private let writer: AlertWriter
    private var subs: Set<UInt32> = []
    /// Slots that were given back since memory was.
    private var returned = 0
    /// When the last one was, nanoseconds of CLOCK_BOOTTIME, until memory was given back after it; nil where none is owed.
    private var last: UInt64?

    /// So many containers at once are a storm: what they took of memory is given back to the system in its pauses.
    private static let storm = 256
    /// After how long nobody remembers what was given back, nanoseconds: longer than `FormerOwners` does.
    private static let memory: UInt64 = 15_000_000_000

    init(_ sensor: Sensor, tables: KeyTables, writer: AlertWriter) {
        self.sensor = sensor
        self.tables = tables
        self.writer = writer
    }

    /// Gives slots back: others will have their places.
    func release(_ slots: Set<UInt32>, now: UInt64) {
        let released = sensor.release(slots: slots)
        guard !released.isEmpty else { return }
        tables.forget(subs: released)
        subs.formUnion(released)
        writer.inbox.send(.released(released))
        returned += slots.count
        last = now
    }

    /// Whether memory is to be given back now: in a storm's pauses, when a round gives nothing else back, and once more when
    /// it is over and forgotten. The allocator would keep it for the next one.
    func isDue(isQuiet: Bool, now: UInt64) -> Bool {
        guard isQuiet, let last else { return false }
        if now >= last + Self.memory {
            self.last = nil
        } else if returned < Self.storm {
            return false
        }
        returned = 0
        return true
    }

    /// Sub-slots that were given back since this was asked last.
    func takeSubs() -> Set<UInt32> {
        defer { subs = [] }
        return subs
    }
}
