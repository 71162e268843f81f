// SPDX-License-Identifier: Apache-2.0

/// When a profile has learned enough. Numbers out of range are moved to the nearest end.
package struct LearningRule: Equatable, Sendable {
    /// What follows when a profile is ready.
    package enum Mode: String, Sendable {
        /// It is compared from then on.
        case automatic
        /// It keeps learning until a person says otherwise.
        case learn
    }

    /// The least length of the window in seconds.
    package let windowSeconds: Int
    /// A profile is ready when an epoch brings something new with a chance below this, 0...1.
    package let share: Double
    /// Run time of one epoch in seconds, 1 or more.
    package let epochSeconds: Int
    /// Epochs at the start that are learned but not counted.
    package let warmUpEpochs: Int
    package let mode: Mode

    /// By default a day, 5 %, ten minutes. One epoch of warm-up.
    package init(
        windowSeconds: Int = 86_400, share: Double = 0.05, epochSeconds: Int = 600, warmUpEpochs: Int = 1,
        mode: Mode = .automatic
    ) {
        self.windowSeconds = max(0, windowSeconds)
        self.share = share.isFinite ? min(max(share, 0.000_1), 1) : 0.05
        self.epochSeconds = max(1, epochSeconds)
        self.warmUpEpochs = max(0, warmUpEpochs)
        self.mode = mode
    }
}
