// SPDX-License-Identifier: Apache-2.0
import Alerts
import Platform

/// The sinks of the writer thread, which a new configuration may change while alerts go out: a sink whose settings are the
/// same goes on with its queue and counters, and one that is given up writes what it has before it goes.
struct WriterSinks {
    private var settings: [SinkSetting]
    private var current: AlertSinks
    private var leaving: [(sink: any AlertSink, until: UInt64)] = []

    /// How long a sink that is given up may try to write what it has.
    private static let patience: UInt64 = 60_000_000_000

    init(_ settings: [SinkSetting]) {
        self.settings = settings
        current = AlertSinks(settings.map { $0.make() })
    }

    /// The sinks in use, in the order of the configuration.
    var all: [any AlertSink] { current.all }
    var interests: [PollInterest] { current.interests + leaving.flatMap(\.sink.interests) }
    var deadline: UInt64? {
        let ends = leaving.map { min($0.sink.deadline ?? .max, $0.until) }
        return (ends + [current.deadline].compactMap { $0 }).min()
    }

    /// Takes other settings.
    mutating func change(to wanted: [SinkSetting], now: Moment) {
        var old = zip(settings, current.all).map { (setting: $0, sink: $1) }
        let sinks = wanted.map { setting -> any AlertSink in
            guard let index = old.firstIndex(where: { $0.setting == setting }) else { return setting.make() }
            return old.remove(at: index).sink
        }
        leaving += old.map { ($0.sink, now.bootNanoseconds + Self.patience) }
        settings = wanted
        current = AlertSinks(sinks)
    }

    /// Gives an alert to every sink; its line, or nil if it could not be encoded.
    mutating func deliver(_ alert: Alert, now: Moment) -> [UInt8]? { current.deliver(alert, now: now) }

    /// Lets every sink do what it can do without waiting.
    mutating func service(now: Moment) {
        current.service(now: now)
        for entry in leaving { entry.sink.service(now: now) }
        let done = leaving.filter { $0.sink.counters.waiting == 0 || now.bootNanoseconds >= $0.until }
        for entry in done { entry.sink.close(now: now) }
        leaving.removeAll { $0.sink.counters.waiting == 0 || now.bootNanoseconds >= $0.until }
    }

    /// What changed about the sinks, for the daemon's own log.
    func takeComplaints() -> [String] { current.takeComplaints() + leaving.compactMap { $0.sink.takeComplaint() } }

    /// Before the daemon ends.
    func close(now: Moment) {
        current.close(now: now)
        for entry in leaving { entry.sink.close(now: now) }
    }
}
