// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Events
import Recorder
import Sensor

extension HostDaemon {
    /// Tells of containers that had more network peers than are kept.
    func passPeerLosses() {
        for (container, lost) in watch.peers.takeLosses() {
            let what =
                "\(container.description.name) contacted more network peers than are kept: \(lost) contacts are not known"
            tell(.loss, "peers", what, AlertLosses(facts: lost), of: AlertContainer(container.description))
        }
    }

    /// Whether addresses are watched, and what of it is missing and why.
    var networkStanding: JSONValue {
        let missing = sensor.programs.filter { SensorProgram.network.contains($0.program) && $0.missing != nil }
        var reason: String?
        if !configuration.network {
            reason = "Network=no"
        } else if missing.isEmpty, !sensor.watchesPeers {
            reason = sensor.isFallback ? "the kernel is too old" : "it needs cgroup v2"
        }
        let slots = sensor.usedSlots.map { sensor.peerCounts(ofSlot: $0.index) }
        let value: JSONValue = [
            "isWatched": .bool(sensor.watchesPeers), "reason": .optional(reason),
            "missing": .list(missing.map { "\($0.program.lossWithoutIt) (\($0.missing ?? ""))" }),
            "peers": .count(slots.reduce(0) { $0 + UInt64($1.kept) }),
            "lost": .count(slots.reduce(0) { $0 + $1.lost }), "names": namesStanding,
        ]
        return value.compact
    }

    /// Whether names are read, and what became of the messages.
    private var namesStanding: JSONValue {
        let missing = sensor.programs.first { SensorProgram.names.contains($0.program) && $0.missing != nil }
        let isRead = sensor.readsNames
        var reason: String?
        if !configuration.resolveNames {
            reason = "ResolveNames=no"
        } else if !isRead {
            reason = missing?.missing ?? "network addresses are not watched"
        }
        let counters = names.counters
        let value: JSONValue = [
            "isRead": .bool(isRead), "reason": .optional(reason), "answers": .count(counters.answers),
            "addresses": .count(UInt64(counters.addresses)), "foreignQueries": .count(counters.foreignQueries),
            "unaskedAnswers": .count(counters.unaskedAnswers), "malformed": .count(counters.malformed),
            "lost": .count(counters.lost),
        ]
        return value.compact
    }
}
