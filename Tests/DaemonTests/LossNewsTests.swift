// SPDX-License-Identifier: Apache-2.0
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
