// SPDX-License-Identifier: Apache-2.0
import Sensor

/// Gives slots back whose facts are saved, and has everybody forget what was counted for them. Control thread.
final class SlotReturns {
    private let sensor: Sensor
    private let tables: KeyTables
    private let writer: AlertWriter
    private var subs: Set<UInt32> = []

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
    }

    /// Sub-slots that were given back since this was asked last.
    func takeSubs() -> Set<UInt32> {
        defer { subs = [] }
        return subs
    }
}
