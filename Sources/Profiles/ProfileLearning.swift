// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// How far the learning of a profile has come: the part of a profile that only the daemon keeps. Recordings have none.
package struct ProfileLearning: Codable, Equatable, Sendable {
    /// Where a profile stands, in the order in which it gets there.
    package enum State: String, Codable, Sendable, CaseIterable, Comparable {
        /// What is seen is learned.
        case learning
        /// As `learning`, and known well enough to be compared.
        case ready
        /// What is seen is compared with the profile, which stays as it is.
        case monitoring

        package static func < (left: State, right: State) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// A person's word that stands in place of the statistics.
    package struct Vouch: Codable, Equatable, Sendable {
        /// Who: the login name; escaped.
        package var author: String
        /// In the words of the author; escaped.
        package var reason: String
        package var date: Date
        /// The recording that was imported, if one was: its key or file; escaped.
        package var source: String?

        /// The word of `author`.
        package init(author: String, reason: String, date: Date, source: String? = nil) {
            self.author = author
            self.reason = reason
            self.date = date
            self.source = source
        }
    }

    package var state: State
    /// When the window began, in whole seconds, and how long it lasts at least.
    package var start: Date
    package var seconds: Int
    /// The length of one epoch, 1 or more.
    package var epochSeconds: Int
    /// The epochs that count for readiness (T): those after the warm-up that lost no facts.
    package var epochs: Int
    /// Epochs that are still to be learned without being counted: a start is never typical.
    package var warmUpLeft: Int
    /// Each item that only one epoch brought, by its `ProfileEntry` name: the number of that epoch, from 1.
    package var singletons: [String: Int]
    /// Epochs that were compared since monitoring began.
    package var monitored: Int
    /// Instances (container starts) seen, those while monitoring too.
    package var instances: Int
    /// Whether a person has locked it: nothing that is seen changes it.
    package var locked: Bool
    /// Image digests that inherited this profile without having been learned from, sorted.
    package var provisional: [String]
    /// Set if it went to `monitoring` before it was ready: who said so.
    package var forced: Vouch?
    /// Set if the profile began as a recording: who imported it, and from what.
    package var imported: Vouch?
    /// How far the epochs of living instances are in the profile; nil if none was taken.
    package var taken: TakenEpochs?

    /// The state at the start of a window.
    package init(
        state: State = .learning, start: Date, seconds: Int = 86_400, epochSeconds: Int = 600, epochs: Int = 0,
        warmUpLeft: Int = 0, singletons: [String: Int] = [:], monitored: Int = 0, instances: Int = 0,
        locked: Bool = false, provisional: [String] = [], forced: Vouch? = nil, imported: Vouch? = nil
    ) {
        self.state = state
        self.start = start
        self.seconds = seconds
        self.epochSeconds = epochSeconds
        self.epochs = epochs
        self.warmUpLeft = warmUpLeft
        self.singletons = singletons
        self.monitored = monitored
        self.instances = instances
        self.locked = locked
        self.provisional = provisional
        self.forced = forced
        self.imported = imported
    }

    /// The state at the start of a window as `rule` has it.
    package init(start: Date, rule: LearningRule) {
        self.init(
            start: start, seconds: rule.windowSeconds, epochSeconds: rule.epochSeconds,
            warmUpLeft: rule.warmUpEpochs)
    }

    /// Whether observations add to the profile.
    package var isOpen: Bool { state != .monitoring && !locked }
}
