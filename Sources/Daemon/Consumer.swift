// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Glibc
import Platform
import Sensor
import Synchronization

/// The consumer thread: takes every record out of the kernel's rings, judges it in place and copies only what somebody must
/// see. Everything that it does for a record is in `Detection`.
@safe final class Consumer: Sendable {
    /// Judged records for the writer thread.
    let output: SPSCRing
    /// Calls of the full trace, as the kernel wrote them, for the control thread.
    let trace: SPSCRing
    let counters = HotCounters()
    private let sensor: SensorHandle
    private let wakeUps: WakeUps

    /// Records that wait for the writer: a second of the worst storm.
    private static let outputCapacity = 8192
    private static let traceCapacity = 65_536

    init(_ sensor: Sensor, _ wakeUps: WakeUps) {
        self.sensor = SensorHandle(sensor)
        self.wakeUps = wakeUps
        output = SPSCRing(recordSize: JudgedRecord.ringRecordSize, capacity: Self.outputCapacity)
        trace = SPSCRing(recordSize: MemoryLayout<rf_call>.size, capacity: Self.traceCapacity)
    }

    /// Runs until the daemon ends. The caller's thread becomes the consumer thread.
    func run() {
        let tables = sensor.sensor.withPolicies { tables in
            unsafe tables.baseAddress.map { unsafe PolicyTables($0, count: tables.count) }
        }
        guard let tables = tables ?? nil else { return }
        let state = UnsafeMutablePointer<ConsumerState>.allocate(capacity: 1)
        // SAFETY: the state is initialized before the rings that hand it to the callbacks, and freed after them.
        unsafe state.initialize(
            to: ConsumerState(
                intake: Intake(judge: Judge(tables), into: output.takeProducer(), counting: counters),
                trace: trace.takeProducer()))
        loop(state)
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    @safe private func loop(_ state: UnsafeMutablePointer<ConsumerState>) {
        guard
            let rings = try? unsafe EventRings(
                sensor.sensor, context: state, onRecord: takeRecord, onCall: takeCall), let poller = try? Poller(),
            (try? poller.add(rings.descriptor, token: 0, .read)) != nil,
            (try? poller.add(wakeUps.consumer.descriptor, token: 1, .read)) != nil
        else { return }
        var pushed = output.pushed
        var traced = trace.pushed
        var outputRest = RingRest()
        var traceRest = RingRest()
        while true {
            let isTracing = wakeUps.isTracing.load(ordering: .relaxed)
            let ready = try? poller.wait(upTo: isTracing ? .milliseconds(2) : .seconds(1))
            if ready?.contains(where: { $0.token == 1 }) == true { wakeUps.consumer.lower() }
            _ = try? rings.consume()
            let now = BootClock.nanoseconds
            wakeUps.consumerBeat.store(now, ordering: .relaxed)
            if output.pushed != pushed {
                pushed = output.pushed
                wakeUps.writer.raise()
            }
            if trace.pushed != traced {
                traced = trace.pushed
                wakeUps.control.raise()
            }
            if outputRest.isDue(pushed: pushed, now: now) { unsafe state.pointee.intake.giveBack() }
            if traceRest.isDue(pushed: traced, now: now) { unsafe state.pointee.trace.giveBack() }
            if wakeUps.isEnding.load(ordering: .acquiring) { return }
        }
    }
}

/// What the callbacks work on; the consumer thread's alone.
private struct ConsumerState: ~Copyable {
    var intake: Intake
    var trace: SPSCProducer
}

/// libbpf calls this for every record, on the consumer thread.
private func takeRecord(_ context: UnsafeMutableRawPointer?, _ data: UnsafeMutableRawPointer?, _ size: Int) -> CInt {
    // SAFETY: `context` is the state given to the rings; `data` is a record of `size` bytes until we return.
    guard let state = unsafe context?.assumingMemoryBound(to: ConsumerState.self), let data = unsafe data else {
        return 0
    }
    unsafe state.pointee.intake.take(record: data, size: size)
    return 0
}

/// libbpf calls this for every call of a full trace, on the consumer thread.
private func takeCall(_ context: UnsafeMutableRawPointer?, _ data: UnsafeMutableRawPointer?, _ size: Int) -> CInt {
    // SAFETY: as above.
    guard let state = unsafe context?.assumingMemoryBound(to: ConsumerState.self), let data = unsafe data else {
        return 0
    }
    if unsafe !state.pointee.intake.take(call: data, size: size).isMalformed {
        _ = unsafe state.pointee.trace.push(data)
    }
    return 0
}
