// SPDX-License-Identifier: Apache-2.0
import Containers
import Platform

/// Reads what each container was given, once: a few at a time, for that costs more than a container's start may wait.
/// Control thread.
final class PostureBook {
    private let reader: PostureReader
    /// What is counted how much.
    private(set) var weights: RiskWeights
    /// With the time to look, nanoseconds of CLOCK_BOOTTIME; in the order of arrival.
    private var waiting: [(container: TrackedContainer, due: UInt64)] = []

    /// How many are read in one round.
    private static let atOnce = 8
    /// How long after it was found a process is looked at that has no configuration: whoever starts it has set it up by then.
    private static let patience: UInt64 = 2_000_000_000

    init(_ reader: PostureReader, weights: RiskWeights) {
        self.reader = reader
        self.weights = weights
    }

    /// When `service` has something to do, nanoseconds of CLOCK_BOOTTIME; nil if nothing waits.
    var deadline: UInt64? { waiting.map(\.due).min() }

    /// A container was found.
    func add(_ container: TrackedContainer) {
        let isWritten = reader.hasConfiguration(container.description)
        waiting.append((container, container.found + (isWritten ? 0 : Self.patience)))
    }

    /// Reads what is due. Whether anything was read.
    func service(now: UInt64) -> Bool {
        guard !waiting.isEmpty else { return false }
        // Of a storm of containers that live for moments nothing is left to be read.
        waiting.removeAll { $0.container.isGone }
        let due = waiting.indices.filter { waiting[$0].due <= now && waiting[$0].container.posture == nil }
        for index in due.prefix(Self.atOnce) {
            read(waiting[index].container, now: now)
            // A configuration that was there and could not be read may be whole by then.
            waiting[index].due = waiting[index].container.found + Self.patience
        }
        waiting.removeAll { $0.container.posture != nil }
        return !due.isEmpty
    }

    /// Reads it now, unless that was done: somebody asks, or it is about to be gone. What a container that is just being made
    /// tells is not kept.
    func posture(of container: TrackedContainer, now: UInt64 = BootClock.nanoseconds) -> Posture {
        container.posture ?? read(container, now: now)
    }

    /// Counts anew, by other weights.
    func weigh(_ containers: some Sequence<TrackedContainer>, by weights: RiskWeights) {
        self.weights = weights
        for container in containers { container.posture.map { headline(container, $0) } }
    }

    @discardableResult
    private func read(_ container: TrackedContainer, now: UInt64) -> Posture {
        let posture = reader.read(container.description)
        guard posture.source == .configuration || container.isGone || now >= container.found + Self.patience else {
            return posture
        }
        container.posture = posture
        headline(container, posture)
        return posture
    }

    private func headline(_ container: TrackedContainer, _ posture: Posture) {
        container.headlines = RiskScore(posture, weights: weights).headlines
    }
}
