// SPDX-License-Identifier: Apache-2.0
import Sensor

/// What is to be told of the kernel's full tables: each kind when it grows, at most once a minute. For one thread.
struct LossNews {
    /// One thing to tell.
    struct Item: Equatable {
        /// What alerts call it.
        let item: String
        let sentence: String
        /// Facts that were lost over the whole capture.
        let facts: UInt64
    }

    private var facts = Told()
    private var deviations = Told()

    /// One kind of loss: what of it was told, and when the next may be.
    private struct Told {
        var losses = Sensor.Losses.none
        var next: UInt64 = 0
    }

    /// How long a kind is not told again, nanoseconds: a full table loses something every second.
    static let pace: UInt64 = 60_000_000_000

    /// Takes what was lost so far, at `now` nanoseconds; returns what is to be told.
    mutating func take(_ current: Sensor.Losses, now: UInt64) -> [Item] {
        var items: [Item] = []
        let lost = current.since(facts.losses)
        if lost.cgroups > 0 || lost.tasks > 0, now >= facts.next {
            facts = Told(losses: current, next: now + Self.pace)
            items.append(
                Item(
                    item: "facts",
                    sentence: lost.cgroups > 0
                        ? "the slot table is full: tasks in \(lost.cgroups) cgroups were not watched"
                        : "the kernel had no memory to follow tasks",
                    facts: current.cgroups + current.tasks))
        }
        let uncounted = current.since(deviations.losses).deviations
        if uncounted > 0, now >= deviations.next {
            deviations = Told(losses: current, next: now + Self.pace)
            items.append(
                Item(
                    item: "deviations",
                    sentence:
                        "the table of deviations is full: \(uncounted) were told without being counted, and those that "
                        + "were held back are in no count", facts: 0))
        }
        return items
    }
}
