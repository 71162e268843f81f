// SPDX-License-Identifier: Apache-2.0

/// What the profile was at that moment: how much the judgement rests on.
package struct ProfileStanding: Codable, Equatable, Sendable {
    /// DESIGN's states of a profile.
    package enum State: String, Codable, Sendable { case learning, ready, monitoring }

    /// The profile's key. Escaped.
    package var key: String
    package var state: State
    /// Why facts may be missing from it; nil if it is complete. Escaped.
    package var partial: String?
    /// Calls, instances, epochs and time that it was learned from; 0 if not known.
    package var calls: UInt64
    package var instances: Int
    package var epochs: Int
    package var learnedSeconds: Int64
    /// Upper 95 % bound of "an epoch brings something new", 0 to 1; nil if not known.
    package var noveltyBound: Double?

    /// The standing of the profile with this key.
    package init(
        key: String, state: State, partial: String? = nil, calls: UInt64 = 0, instances: Int = 0, epochs: Int = 0,
        learnedSeconds: Int64 = 0, noveltyBound: Double? = nil
    ) {
        self.key = SafeText.of(key, limit: 512)
        self.state = state
        self.partial = partial.map { SafeText.of($0, limit: 512) }
        self.calls = calls
        self.instances = instances
        self.epochs = epochs
        self.learnedSeconds = learnedSeconds
        self.noveltyBound = noveltyBound.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Whether what it does not hold may be called unusual.
    package var isReady: Bool { state != .learning }
}
