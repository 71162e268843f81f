// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// How well a profile is known, counted in epochs, never in events.
package struct Readiness: Equatable, Sendable {
    /// The epochs that count (T).
    package let epochs: Int
    /// How many of them brought an item seen in no other (Q1).
    package let novelEpochs: Int
    /// The share that is asked for, 0...1.
    package let share: Double
    /// The upper 95 % bound of the chance that an epoch brings something new, 0...1 (P); 1 while nothing is known.
    package let upperBound: Double
    /// Length of an epoch in seconds.
    package let epochSeconds: Int
    /// Seconds until the window may end, 0 when it may.
    package let windowSecondsLeft: Int
    /// Epochs of warm-up to come.
    package let warmUpLeft: Int
    /// How many more epochs are needed if none brings anything new.
    package let quietEpochsNeeded: Int

    /// The readiness of `learning` at `now`.
    package init(_ learning: ProfileLearning, share: Double = LearningRule().share, now: Date) {
        let passed = min(max(0, now.timeIntervalSince(learning.start)), 1e12)
        self.init(
            epochs: learning.epochs, novelEpochs: Set(learning.singletons.values).count, share: share,
            epochSeconds: learning.epochSeconds, windowSecondsLeft: max(0, learning.seconds - Int(passed)),
            warmUpLeft: learning.warmUpLeft)
    }

    /// The readiness of `epochs`, of which `novelEpochs` brought something new.
    package init(
        epochs: Int, novelEpochs: Int, share: Double = LearningRule().share,
        epochSeconds: Int = LearningRule().epochSeconds, windowSecondsLeft: Int = 0, warmUpLeft: Int = 0
    ) {
        self.epochs = max(0, epochs)
        self.novelEpochs = min(max(0, novelEpochs), self.epochs)
        self.share = share
        self.epochSeconds = max(1, epochSeconds)
        self.windowSecondsLeft = windowSecondsLeft
        self.warmUpLeft = warmUpLeft
        upperBound = NoveltyBound.upper(novel: self.novelEpochs, epochs: self.epochs)
        quietEpochsNeeded =
            NoveltyBound.isBelow(share, novel: self.novelEpochs, epochs: self.epochs)
            ? 0
            : max(1, (NoveltyBound.epochsNeeded(novel: self.novelEpochs, share: share) ?? .max) - self.epochs)
    }

    /// Whether it is ready: the window is over and an epoch is known to bring something new in less than the share.
    package var isReady: Bool { windowSecondsLeft == 0 && warmUpLeft == 0 && quietEpochsNeeded == 0 }

    /// New items that a day of epochs is expected to bring; such estimates run low, say "up to three times that".
    package var expectedNewItemsADay: Double {
        epochs == 0 ? 0 : 86_400 / Double(epochSeconds) * Double(novelEpochs) / Double(epochs)
    }

    /// By what the weight of a novelty is multiplied, 0...1.
    package var maturity: Double { min(1, share / upperBound) }

    /// What it lacks, for people: "needs 31 more quiet epochs and 3 h 20 min more of its window", or "is ready".
    package var sentence: String {
        var needs: [String] = []
        if warmUpLeft > 0 { needs.append("\(Self.count(warmUpLeft, "epoch")) to warm up") }
        if quietEpochsNeeded > 0 { needs.append(Self.count(quietEpochsNeeded, "more quiet epoch")) }
        if windowSecondsLeft > 0 { needs.append("\(Self.duration(windowSecondsLeft)) more of its window") }
        guard let last = needs.popLast() else { return "is ready" }
        return "needs " + (needs.isEmpty ? last : needs.joined(separator: ", ") + " and " + last)
    }

    /// What is to be expected of it, for people; empty while nothing is known.
    package var expectation: String {
        guard epochs > 0 else { return "" }
        let tenths = Int((expectedNewItemsADay * 10).rounded())
        let percent = (upperBound * 1000).rounded() / 10
        return "\(novelEpochs) of \(epochs) epochs brought something new: at most \(percent) % will; "
            + "about \(tenths / 10).\(tenths % 10) new items a day, up to three times that"
    }

    private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }

    private static func duration(_ seconds: Int) -> String {
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\((seconds + 59) / 60) min" }
        return "\(seconds / 3600) h" + (seconds % 3600 < 60 ? "" : " \(seconds % 3600 / 60) min")
    }
}

extension BehaviourProfile {
    /// By what the weight of a novelty is multiplied, 0...1: the readiness's, or 1 where a person has vouched for the
    /// profile by importing a recording; 1 for a recording itself.
    package func maturity(share: Double, now: Date) -> Double {
        guard let learning, learning.imported == nil else { return 1 }
        return Readiness(learning, share: share, now: now).maturity
    }
}
