// SPDX-License-Identifier: Apache-2.0
import CEvents
import Control
import Detection
import Events
import Platform
import Sensor
import Synchronization

/// The full trace of containers that somebody looks at: turned on for as long as a tail is there. Control thread, but for
/// the ring, which the consumer thread fills.
final class TraceStream {
    private struct Traced {
        let container: TrackedContainer
        var slots: Set<UInt32> = []
        var executables: [UInt32: String] = [:]
        /// Calls that the kernel dropped before somebody looked.
        var droppedBefore: UInt64 = 0
    }

    private let sensor: Sensor
    private let wakeUps: WakeUps
    private var taker: SPSCConsumer
    private var traced: [String: Traced] = [:]
    private var ringDrops: UInt64 = 0
    private let ring: SPSCRing

    /// Calls handed out in one round: the control thread has other things to do.
    private static let roundLimit = 20_000

    init(_ sensor: Sensor, _ ring: SPSCRing, _ wakeUps: WakeUps) {
        self.sensor = sensor
        self.ring = ring
        self.wakeUps = wakeUps
        taker = ring.takeConsumer()
    }

    /// The topic of a container's tail.
    static func topic(_ container: TrackedContainer) -> String { "trace \(container.path)" }

    /// Turns the trace of a container on.
    func begin(_ container: TrackedContainer) {
        let topic = Self.topic(container)
        guard traced[topic] == nil else { return }
        var entry = Traced(container: container)
        entry.droppedBefore = dropped(container)
        traced[topic] = entry
        follow(topic)
        wakeUps.isTracing.store(true, ordering: .relaxed)
        wakeUps.consumer.raise()
    }

    /// Hands out what has come, follows new cgroups of traced containers, and ends traces that nobody looks at.
    func service(_ server: ControlServer) {
        guard !traced.isEmpty else { return }
        let followed = server.topics
        for topic in traced.keys {
            guard followed.contains(topic), traced[topic]?.container.isGone == false else {
                end(topic, server)
                continue
            }
            follow(topic)
        }
        drain(server)
        if traced.isEmpty { wakeUps.isTracing.store(false, ordering: .relaxed) }
    }

    private func follow(_ topic: String) {
        guard let entry = traced[topic] else { return }
        for slot in entry.container.slots.subtracting(entry.slots) {
            sensor.trace(slot: slot, true)
            traced[topic]?.slots.insert(slot)
        }
    }

    private func end(_ topic: String, _ server: ControlServer) {
        guard let entry = traced.removeValue(forKey: topic) else { return }
        for slot in entry.slots { sensor.trace(slot: slot, false) }
        let total = dropped(entry.container)
        let lost = total - min(total, entry.droppedBefore)
        let line: JSONValue = ["dropped": .integer(Int64(clamping: lost &+ ring.dropped &- ringDrops))]
        server.publish(line.bytes, to: topic, now: .now)
        server.endTails(of: topic, now: .now)
        ringDrops = ring.dropped
    }

    private func dropped(_ container: TrackedContainer) -> UInt64 {
        container.slots.reduce(0) { $0 + (sensor.slot(at: $1)?.traced.dropped ?? 0) }
    }

    private func drain(_ server: ControlServer) {
        for _ in 0..<Self.roundLimit {
            guard let bytes = unsafe taker.peek() else { return }
            // SAFETY: the consumer thread pushed one whole rf_call; it is copied before the ring moves on.
            let call = unsafe TracedCall(copying: bytes.assumingMemoryBound(to: rf_call.self))
            taker.advance()
            guard let call, let topic = traced.first(where: { $0.value.slots.contains(call.slot) })?.key else {
                continue
            }
            server.publish(line(call, topic).bytes, to: topic, now: .now)
        }
        // More waits: come back at once.
        wakeUps.control.raise()
    }

    private func line(_ call: TracedCall, _ topic: String) -> JSONValue {
        if traced[topic]?.executables[call.sub] == nil {
            traced[topic]?.executables[call.sub] = sensor.sub(at: call.sub)?.path ?? ""
        }
        let table = SyscallTable.table(call.abi)
        return [
            "bootNanoseconds": .integer(Int64(clamping: call.timeNanoseconds)), "pid": .integer(Int64(call.pid)),
            "tgid": .integer(Int64(call.tgid)), "comm": .string(call.comm),
            "executable": .string(traced[topic]?.executables[call.sub] ?? ""),
            "abi": .string(call.abi.name(on: .current)), "call": .string(table.name(call.number)),
            "arguments": .array(call.arguments.map { .string("0x" + String($0, radix: 16)) }),
            "phase": .string(call.phase.name), "allowed": .bool(call.isAllowed),
        ]
    }
}
