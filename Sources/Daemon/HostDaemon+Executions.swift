// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Sensor

extension HostDaemon {
    /// Tells of containers in which more executables executed others, or processes had more users and capabilities, than are
    /// kept.
    func passExecutionLosses() {
        for (container, lost) in watch.executions.takeEdgeLosses() {
            let what =
                "more programs of \(container.description.name) executed others than is kept: of \(lost) executions it is not "
                + "known who did it"
            tell(.loss, "executions", what, AlertLosses(facts: lost), of: AlertContainer(container.description))
        }
        for (container, lost) in watch.executions.takeCredentialLosses() {
            let what =
                "processes of \(container.description.name) had more different users and capabilities than are kept: \(lost) "
                + "times one had others, which are not known"
            tell(.loss, "credentials", what, AlertLosses(facts: lost), of: AlertContainer(container.description))
        }
    }

    /// What the slots that are in use keep of executions and credentials, and what found no room.
    var executionCounts: Sensor.ExecutionCounts {
        sensor.usedSlots.reduce(into: Sensor.ExecutionCounts()) { $0 += sensor.executionCounts(ofSlot: $1.index) }
    }

    /// Whether executions are watched, and what of them is kept.
    var executionStanding: JSONValue {
        let counts = executionCounts
        return [
            "isWatched": .bool(sensor.watchesExecutions), "edges": .count(counts.edges),
            "credentials": .count(counts.credentials), "lostEdges": .count(counts.lostEdges),
            "lostCredentials": .count(counts.lostCredentials),
        ]
    }
}
