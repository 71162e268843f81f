// SPDX-License-Identifier: Apache-2.0

extension Finding {
    /// A test of all sinks that the user with this id asked for. Each is an incident of its own: none is folded away.
    package static func test(actor: UInt32, now: Moment) -> Finding {
        Finding(
            rule: .test, item: FindingItem(.own, "test \(now.bootNanoseconds)"), time: now, container: .host,
            detail: "user \(actor) asked for a test alert")
    }

    /// Nothing was watched from `start` to `now`; `why` is escaped text, as "the daemon was killed".
    package static func gap(since start: WallTime, why: String, now: Moment) -> Finding {
        let seconds = max(0, now.wall.milliseconds - start.milliseconds) / 1000
        return Finding(
            rule: .gap, item: FindingItem(.own, "gap until \(now.bootNanoseconds)"), time: now, container: .host,
            detail: "nothing was watched for \(Quantity.span(seconds: seconds)), since \(start): \(why)")
    }

    /// So many more records of a container were lost than were known of; `losses` is the sum so far. Repeats fold.
    package static func loss(
        _ more: UInt64, of container: AlertContainer, losses: AlertLosses, now: Moment
    ) -> Finding {
        Finding(
            rule: .loss, item: FindingItem(.own, "records"), time: now, container: container, occurrences: .more(more),
            losses: losses,
            detail: "records of \(container.name) were lost: \(losses.dropped) dropped, "
                + "\(losses.suppressed) held back, \(losses.facts) facts without room")
    }
}
