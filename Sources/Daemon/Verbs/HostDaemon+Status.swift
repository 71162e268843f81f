// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Detection
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Sensor
import Synchronization

extension HostDaemon {
    /// Containers whose accounts one answer names; the sums are over all.
    private static let accountLimit = 1000

    /// How the daemon stands: everything that `ringfence status` shows.
    var status: JSONValue {
        let now = Moment.now
        let accounts = containerAccounts
        return [
            "schema": "ringfence.status/v1", "version": .string(ProgramVersion.text), "pid": .count(getpid()),
            "host": .string(host.name), "kernel": .string(Self.kernelRelease),
            "started": .string(started.wall.description),
            "uptimeSeconds": .count((now.bootNanoseconds - started.bootNanoseconds) / 1_000_000_000),
            "configuration": .string(configurationPath ?? "defaults"),
            "stateDirectory": .string(configuration.stateDirectory),
            "alertsFile": .string(configuration.alertsPath), "scope": .string(configuration.scope.rawValue),
            "programs": .array(sensor.programs.map(Self.json)), "isFallback": .bool(sensor.isFallback),
            "isTakenOver": .bool(sensor.isTakenOver),
            "replaced": .list(sensor.predecessors.map { $0.set + ($0.unreadable.map { ": \($0)" } ?? "") }),
            "pins": .list(PinDirectory(PinDirectory.standard).sets.map { "\(PinDirectory.standard)/\($0)" }),
            "missingPins": .list(sensor.missingPins),
            "slots": slotCounts, "tables": tableCounts, "containers": containerCounts, "profiles": profileCounts,
            "accounts": accounts.sum, "accountOfContainers": accounts.each,
            "accountsOmitted": .count(accounts.omitted), "losses": lossCounts, "network": networkStanding,
            "executions": executionStanding,
            "queues": queueCounts,
            "sinks": sinkCounts, "incidents": incidentCounts, "verdicts": verdictCounts,
            "maps": .array(sensor.mapSizes.map { ["name": .string($0.name), "bytes": .count($0.bytes)] }),
            "mapBytes": .count(sensor.mapBytes), "rssBytes": .count(Self.residentBytes),
            "heartbeat": heartbeatAges(now), "control": controlCounts, "metrics": metricsStanding,
            "auditUnwritten": .count(journal.unwritten),
        ]
    }

    private static func json(_ status: ProgramStatus) -> JSONValue {
        let value: JSONValue = [
            "name": .string(status.program.rawValue), "isAttached": .bool(status.missing == nil),
            "missing": .optional(status.missing),
            "loss": status.missing == nil ? .null : .string(status.program.lossWithoutIt),
        ]
        return value.compact
    }

    /// Slots in use now, in use ever, and in all; the same for executables.
    var slotUse: (slots: Int, everSlots: Int, subs: Int) {
        let slots = sensor.usedSlots.count
        let subs = sensor.subIndices.filter { sensor.slot(ofSub: $0) != nil }.count
        return (slots, Int(sensor.slotsUsed), subs)
    }

    private var slotCounts: JSONValue {
        let use = slotUse
        return [
            "used": .count(use.slots), "everUsed": .count(use.everSlots), "total": .count(configuration.slots),
            "executables": .count(use.subs), "executablesTotal": .count(configuration.subslots),
        ]
    }

    private var tableCounts: JSONValue {
        let tables = watch.tables.counts
        return [
            "used": .count(tables.used), "total": .count(Self.policies), "shortages": .count(tables.shortages),
        ]
    }

    private var containerCounts: JSONValue {
        var counts: [String: JSONValue] = ["total": .count(watch.inventory.containers.count)]
        for (state, count) in containersByState { counts[state] = .count(count) }
        let naming = watch.inventory.namingCounters
        counts["named"] = .count(naming.named)
        counts["unknown"] = .count(naming.unknown)
        counts["goneBeforeNamed"] = .count(naming.gone)
        return .object(counts)
    }

    private var profileCounts: JSONValue {
        let keeper = watch.keeper
        let states = Dictionary(grouping: keeper.profiles.values) { $0.learning?.state.rawValue ?? "recording" }
        return [
            "total": .count(keeper.profiles.count), "states": .object(states.mapValues { .count($0.count) }),
            "unreadable": .object(keeper.unreadable.mapValues { .string($0) }),
            "saveFailures": .count(keeper.failures), "saveFailure": .optional(keeper.failure),
            "refused": .object(
                Dictionary(uniqueKeysWithValues: keeper.quota.refused.map { ($0.key.description, .count($0.value)) })),
            "unfiled": .count(keeper.unfiled.kept), "unfiledDropped": .count(keeper.unfiled.dropped),
            "givenUp": .count(watch.epochs.givenUp),
            "allows": .count(keeper.allows.allows.count), "notes": .list(keeper.notes.prefix(100)),
        ]
    }

    private var containerAccounts: (sum: JSONValue, each: JSONValue, omitted: Int) {
        var sum = SlotSnapshot.Account()
        var rows: [(name: String, id: String, account: SlotSnapshot.Account)] = []
        for container in watch.inventory.containers.values {
            let account = container.slots.compactMap { sensor.slot(at: $0)?.account }
                .reduce(into: SlotSnapshot.Account()) { $0 += $1 }
            rows.append((container.description.name, container.description.id, account))
        }
        for slot in sensor.slots { sum += slot.account }
        // The worst first: what is cut off has the least to say.
        rows.sort {
            ($0.account.dropped + $0.account.suppressed, $0.account.produced, $1.name)
                > ($1.account.dropped + $1.account.suppressed, $1.account.produced, $0.name)
        }
        let each = rows.prefix(Self.accountLimit).map { row -> JSONValue in
            var members = Self.members(row.account)
            members["name"] = .string(row.name)
            members["id"] = .string(row.id)
            return .object(members)
        }
        return (.object(Self.members(sum)), .array(each), max(0, rows.count - Self.accountLimit))
    }

    private static func members(_ account: SlotSnapshot.Account) -> [String: JSONValue] {
        [
            "produced": .count(account.produced), "delivered": .count(account.delivered),
            "suppressed": .count(account.suppressed), "dropped": .count(account.dropped),
        ]
    }

    private var lossCounts: JSONValue {
        let losses = sensor.losses
        return [
            "cgroups": .count(losses.cgroups), "executables": .count(losses.executables),
            "tasks": .count(losses.tasks), "denials": .count(losses.denials),
            "deviations": .count(losses.deviations),
        ]
    }

    private var queueCounts: JSONValue {
        func ring(_ ring: SPSCRing) -> JSONValue {
            [
                "waiting": .count(ring.pushed - min(ring.pushed, ring.taken)), "capacity": .count(ring.capacity),
                "passed": .count(ring.taken), "dropped": .count(ring.dropped),
            ]
        }
        let standing = writer.standing.withLock { $0 }
        return [
            "records": ring(consumer.output), "trace": ring(consumer.trace),
            "toWriter": ["waiting": .count(writer.inbox.count), "dropped": .count(writer.inbox.dropped)],
            "toControl": ["waiting": .count(writer.outbox.count), "dropped": .count(writer.outbox.dropped)],
            "nameless": .count(standing.nameless), "overflowed": .count(standing.overflowed),
        ]
    }

    private var sinkCounts: JSONValue {
        .array(
            writer.standing.withLock { $0.sinks }.map { name, counters in
                let value: JSONValue = [
                    "name": .string(name), "delivered": .count(counters.delivered), "dropped": .count(counters.dropped),
                    "waiting": .count(counters.waiting), "failed": .count(counters.failed),
                    "lastError": .optional(counters.lastError),
                ]
                return value.compact
            })
    }

    private var incidentCounts: JSONValue {
        let standing = writer.standing.withLock { $0 }
        return [
            "open": .count(standing.open), "findings": .count(standing.incidents.findings),
            "folded": .count(standing.incidents.folded), "incidents": .count(standing.incidents.incidents),
            "announcements": .count(standing.incidents.announcements),
            "closedForRoom": .count(standing.incidents.incidentsClosedForRoom),
        ]
    }

    private var verdictCounts: JSONValue {
        let snapshot = consumer.counters.snapshot
        var members = Dictionary(
            uniqueKeysWithValues: Verdict.allCases.map { ("\($0)", JSONValue.count(snapshot[$0])) })
        members["unknownPolicy"] = .count(snapshot[.unknownPolicy])
        members["disagreed"] = .count(snapshot[.disagreed])
        return .object(members)
    }

    /// Seconds since each thread, and the heartbeat through the kernel, was seen; null before the first time.
    private func heartbeatAges(_ now: Moment) -> JSONValue {
        func age(_ beat: UInt64) -> JSONValue {
            beat == 0
                ? .null : .number(Double((now.bootNanoseconds - min(now.bootNanoseconds, beat)) / 1_000_000) / 1000)
        }
        return [
            "kernel": age(wakeUps.kernelBeat.load(ordering: .relaxed)),
            "consumer": age(wakeUps.consumerBeat.load(ordering: .relaxed)),
            "writer": age(wakeUps.writerBeat.load(ordering: .relaxed)),
        ]
    }

    private var controlCounts: JSONValue {
        let counters = server.counters
        return [
            "clients": .count(server.connectionCount), "accepted": .count(counters.accepted),
            "refused": .count(counters.refusedConnections), "requests": .count(counters.requests),
            "denied": .count(counters.deniedRequests), "idleClosed": .count(counters.idleClosed),
        ]
    }

    private var metricsStanding: JSONValue {
        let value: JSONValue = [
            "socket": desk.metrics == nil ? .null : .optional(configuration.metricsSocketPath),
            "listen": desk.metrics?.port.map { .count($0) } ?? .null, "problem": .optional(desk.metricsProblem),
            "scrapes": .count(desk.metrics?.scrapes ?? 0),
        ]
        return value.compact
    }

    /// Bytes of this process's memory that are in use, /proc/self/statm (proc(5)).
    static var residentBytes: Int {
        guard let bytes = try? FileBytes.read("/proc/self/statm", limit: 4096) else { return 0 }
        let fields = bytes.split(separator: 0x20)
        guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static var kernelRelease: String {
        let bytes = (try? FileBytes.read("/proc/sys/kernel/osrelease", limit: 4096)) ?? []
        return HostileText.escaped(bytes.prefix { $0 != 0x0A })
    }
}
