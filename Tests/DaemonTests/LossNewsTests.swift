// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Events
import Sensor
import Testing

@testable import Daemon

@Suite("Losses that are told")
struct LossNewsTests {
    private func losses(_ change: (inout Sensor.Losses) -> Void) -> Sensor.Losses {
        var losses = Sensor.Losses.none
        change(&losses)
        return losses
    }

    @Test("a full table of deviations is told with how many were not counted, apart from lost facts")
    func deviations() {
        var news = LossNews()
        let nothing = news.take(.none, now: 1)
        #expect(nothing.isEmpty)
        let told = news.take(losses { $0.deviations = 7 }, now: 2)
        #expect(told.map(\.item) == ["deviations"] && told.first?.facts == 0)
        #expect(told.first?.sentence.contains("7 were told without being counted") == true)
        let both = news.take(losses { ($0.deviations, $0.cgroups, $0.tasks) = (7, 2, 1) }, now: 3)
        #expect(both.map(\.item) == ["facts"] && both.first?.facts == 3, "only what is new")
        #expect(both.first?.sentence.contains("2 cgroups") == true)
    }

    @Test("a deviation that has no place in the table counts as one more each time its record comes")
    func uncounted() throws {
        func occurrences(_ count: UInt64) throws -> Finding.Occurrences {
            var raw = rf_record()
            raw.kind = UInt32(RF_KIND_DEVIATION)
            raw.count = count
            let record = try #require(Record(copying: &raw))
            return FindingMaker.occurrences(record)
        }
        guard case .more(1) = try occurrences(0), case .total(1, _, _) = try occurrences(1),
            case .total(9, _, _) = try occurrences(9)
        else {
            Issue.record("\(try occurrences(0)) \(try occurrences(1)) \(try occurrences(9))")
            return
        }
    }

    @Test("what single containers lose is told once a minute each, and goes with them")
    func containers() {
        var losses = ContainerLosses()
        let second: UInt64 = 1_000_000_000
        let first = losses.take(["/a": 3, "/b": 0], now: second)
        let other = losses.take(["/a": 9, "/b": 1], now: 2 * second)
        let due = losses.take(["/a": 10, "/b": 1], now: second + ContainerLosses.pace)
        // One of its slots was given back, with what that had lost.
        let less = losses.take(["/a": 2, "/b": 1], now: 3 * ContainerLosses.pace)
        let more = losses.take(["/a": 4, "/b": 1], now: 3 * ContainerLosses.pace)
        #expect(first == ["/a": 3] && other == ["/b": 1] && due == ["/a": 7] && less.isEmpty && more == ["/a": 2])
        _ = losses.take([:], now: 3 * ContainerLosses.pace)
        let anew = losses.take(["/a": 4], now: 3 * ContainerLosses.pace + 1)
        #expect(anew == ["/a": 4], "another container")
    }

    @Test("what goes on is told once a minute, with all that came meanwhile, and nothing while nothing comes")
    func pace() {
        var news = LossNews()
        var sentences: [String] = []
        for second in UInt64(0)...130 {
            let current = losses { $0.deviations = min(second, 100) }
            sentences += news.take(current, now: second * 1_000_000_000).map(\.sentence)
        }
        let counts = sentences.compactMap { $0.split(separator: " ").compactMap { Int($0) }.first }
        #expect(counts == [1, 60, 39], "\(sentences)")
    }
}
