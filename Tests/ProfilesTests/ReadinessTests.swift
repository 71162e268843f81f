// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import Testing

@Suite("Readiness")
struct ReadinessTests {
    @Test(
        "59 quiet epochs reach 5 %, with one novel it takes 93, and no fewer",
        arguments: [(0, 58, false), (0, 59, true), (1, 92, false), (1, 93, true)])
    func known(novel: Int, epochs: Int, isReady: Bool) {
        let readiness = Readiness(epochs: epochs, novelEpochs: novel)
        #expect(readiness.isReady == isReady)
        #expect((readiness.upperBound < 0.05) == isReady)
        #expect((readiness.maturity == 1) == isReady)
    }

    @Test("the bound is Clopper and Pearson's", arguments: [(0, 59), (0, 10), (0, 1), (0, 100_000)])
    func closedForm(novel: Int, epochs: Int) {
        var power = 1.0
        let quiet = 1 - Readiness(epochs: epochs, novelEpochs: novel).upperBound
        for _ in 0..<epochs { power *= quiet }
        #expect(abs(power - 0.05) < 1e-6, "(1 - P)^n is 0.05 when none was novel")
    }

    @Test("of n novel epochs all may be; the bound is above the share seen, falls with quiet epochs, and has no hole")
    func shape() {
        for epochs in [1, 2, 5, 17, 100, 5_000, 200_000] {
            for novel in [0, 1, epochs / 3, epochs / 2, epochs - 1, epochs] {
                let bound = Readiness(epochs: epochs, novelEpochs: novel).upperBound
                #expect(bound <= 1 && bound.isFinite && (bound > Double(novel) / Double(epochs) || bound == 1))
                let later = Readiness(epochs: epochs + 1, novelEpochs: novel).upperBound
                #expect(later <= bound + 1e-12)
            }
        }
        #expect(Readiness(epochs: 0, novelEpochs: 0).upperBound == 1)
        #expect(abs(Readiness(epochs: 10, novelEpochs: 2).upperBound - 0.506_901) < 1e-5, "a table's value")
    }

    @Test(
        "a clock that was set makes a window long, and nothing longer learned", arguments: [(8, 2, 16), (0, 2, 7200)])
    func clockSet(epochs: Int, seconds: Int, learned: Int64) {
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        var profile = BehaviourProfile(
            key: "web", architecture: .current, target: ProfileTarget(kind: .container, name: "web"),
            environments: [], window: ProfileWindow(start: start, end: start.addingTimeInterval(7200)))
        profile.learning = ProfileLearning(start: start)
        profile.learning?.epochSeconds = seconds
        profile.learning?.epochs = epochs
        #expect(profile.learnedSeconds == learned)
        profile.window.end = start.addingTimeInterval(3)
        #expect(profile.learnedSeconds == 3, "and short epochs are no longer than they were")
    }

    @Test("it says what is missing, and what a day will bring")
    func sentences() {
        #expect(Readiness(epochs: 28, novelEpochs: 0).sentence == "needs 31 more quiet epochs")
        #expect(Readiness(epochs: 58, novelEpochs: 0).sentence == "needs 1 more quiet epoch")
        #expect(Readiness(epochs: 59, novelEpochs: 0).sentence == "is ready")
        #expect(
            Readiness(epochs: 92, novelEpochs: 1, windowSecondsLeft: 12_000, warmUpLeft: 2).sentence
                == "needs 2 epochs to warm up, 1 more quiet epoch and 3 h 20 min more of its window")
        #expect(Readiness(epochs: 144, novelEpochs: 3).expectedNewItemsADay == 3)
        #expect(Readiness(epochs: 144, novelEpochs: 3, epochSeconds: 60).expectedNewItemsADay == 30)
        #expect(Readiness(epochs: 144, novelEpochs: 3).expectation.contains("3.0 new items a day, up to three times"))
        let young = Readiness(epochs: 10, novelEpochs: 0)
        #expect(abs(young.maturity - 0.05 / young.upperBound) < 1e-12 && young.maturity < 0.2)
    }

    @Test("a clock that was set back does not end the window")
    func clock() {
        let start = Date(timeIntervalSince1970: 1_700_000_000)
        let learning = ProfileLearning(start: start, seconds: 100, epochs: 99)
        #expect(Readiness(learning, now: start - 1e9).windowSecondsLeft == 100)
        #expect(Readiness(learning, now: start + 99).windowSecondsLeft == 1)
        #expect(Readiness(learning, now: start + 100).isReady)
    }
}
