// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Platform

/// What a daemon leaves for the next one: when it was last alive, and whether it ended by itself.
struct DaemonState: Codable, Equatable {
    static let schemaName = "ringfence.state/v1"

    var schema = Self.schemaName
    /// Seconds since 1970.
    var aliveSeconds: Int64
    /// The same in nanoseconds of CLOCK_BOOTTIME, which nobody sets; nil in the states of earlier versions.
    var aliveBootNanoseconds: UInt64?
    /// What the kernel had counted of each deviation when that was announced; by the counter's number in decimal.
    var readings: [String: UInt64] = [:]
    /// The set of programs whose counters those are; nil in the states of earlier versions, and without pins.
    var set: String?
    /// /proc/sys/kernel/random/boot_id.
    var bootID: String
    var pid: Int32
    /// Whether it was stopped, not killed.
    var isOver: Bool

    /// The state in the file at `path`; nil if there is none that can be read: nothing but words depends on it.
    static func load(_ path: String) -> DaemonState? {
        guard let bytes = try? FileBytes.read(path, limit: 65_536),
            let state = try? JSONDecoder().decode(DaemonState.self, from: Data(bytes)), state.schema == schemaName
        else { return nil }
        return state
    }

    /// Writes the file, whole or not at all.
    func save(_ path: String) throws(SystemError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return }
        try AtomicFile.write(Array(data) + [0x0A], to: path)
    }
}
