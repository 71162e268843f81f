// SPDX-License-Identifier: Apache-2.0

/// Every sink that is configured. Belongs to the writer thread.
package struct AlertSinks {
    /// The sinks, in the order of the configuration.
    package let all: [any AlertSink]
    /// Alerts that could not be written as JSON: none is known that can not.
    package private(set) var failedEncodings: UInt64 = 0

    /// No sink is a choice as well: alerts are then counted and seen by those who follow.
    package init(_ sinks: [any AlertSink]) { all = sinks }

    /// Gives an alert to every sink and returns its line, for those who follow; nil if it could not be encoded.
    package mutating func deliver(_ alert: Alert, now: Moment) -> [UInt8]? {
        guard let line = try? alert.line() else {
            failedEncodings += 1
            return nil
        }
        for sink in all {
            sink.deliver(alert, line: line)
            sink.service(now: now)
        }
        return line
    }

    /// What to poll for.
    package var interests: [PollInterest] { all.flatMap(\.interests) }

    /// When to call `service` at the latest, in boot time; nil: when a descriptor is ready.
    package var deadline: UInt64? { all.compactMap(\.deadline).min() }

    /// Lets every sink do what it can do without waiting.
    package func service(now: Moment) {
        for sink in all { sink.service(now: now) }
    }

    /// What changed about the sinks, for the daemon's own log.
    package func takeComplaints() -> [String] { all.compactMap { $0.takeComplaint() } }

    /// Before the daemon ends.
    package func close(now: Moment) {
        for sink in all { sink.close(now: now) }
    }
}
