// SPDX-License-Identifier: Apache-2.0
import Platform
import Sensor

/// Gives slots back whose facts are saved, and has everybody forget what was counted for them. Control thread.
final class SlotReturns {
    private let sensor: Sensor
    private let tables: KeyTables
    private let writer: AlertWriter
    private var subs: Set<UInt32> = []
    /// Slots that were given back since memory was.
    private var returned = 0

    /// So many containers at once are a storm: what they took of memory is given back to the system after it.
    private static let storm = 256

    init(_ sensor: Sensor, tables: KeyTables, writer: AlertWriter) {
        self.sensor = sensor
        self.tables = tables
        self.writer = writer
    }

    /// Gives slots back: others will have their places.
    func release(_ slots: Set<UInt32>) {
        let released = sensor.release(slots: slots)
        guard !released.isEmpty else { return }
        tables.forget(subs: released)
        subs.formUnion(released)
        writer.inbox.send(.released(released))
        returned += slots.count
    }

    /// Gives memory back after a storm, once a round gives nothing else back: the allocator would keep it for the next one.
    func settle(isQuiet: Bool) {
        guard isQuiet, returned >= Self.storm else { return }
        returned = 0
        HeapMemory.giveBack()
    }

    /// Sub-slots that were given back since this was asked last.
    func takeSubs() -> Set<UInt32> {
        defer { subs = [] }
        return subs
    }
}
