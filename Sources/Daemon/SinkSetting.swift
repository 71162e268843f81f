// SPDX-License-Identifier: Apache-2.0
import Alerts
import Platform

/// One sink as it is configured: what tells whether a new configuration means the same one.
enum SinkSetting: Equatable, Sendable {
    case file(path: String, bytes: Int, seconds: Int64)
    case journal(Severity)
    case program([String], Severity)

    /// The sink.
    func make() -> any AlertSink {
        switch self {
        case .file(let path, let bytes, let seconds):
            var rotation = FileSink.Rotation()
            rotation.bytes = bytes
            rotation.seconds = seconds
            return FileSink(path: path, rotation: rotation)
        case .journal(let least): return ThresholdSink(StandardOutputSink(), least: least)
        case .program(let words, let least): return ThresholdSink(ProgramSink(arguments: words), least: least)
        }
    }
}

/// A sink that is given nothing below a severity, tests excepted. The daemon's own file has no such bound: what is below
/// it can still be asked for.
final class ThresholdSink: AlertSink {
    private let sink: any AlertSink
    private let least: Severity

    init(_ sink: any AlertSink, least: Severity) {
        self.sink = sink
        self.least = least
    }

    var name: String { sink.name }
    var counters: SinkCounters { sink.counters }
    var interests: [PollInterest] { sink.interests }
    var deadline: UInt64? { sink.deadline }

    func deliver(_ alert: Alert, line: [UInt8]) {
        guard alert.severity >= least || alert.isTest == true else { return }
        sink.deliver(alert, line: line)
    }

    func service(now: Moment) { sink.service(now: now) }
    func takeComplaint() -> String? { sink.takeComplaint() }
    func close(now: Moment) { sink.close(now: now) }
}
