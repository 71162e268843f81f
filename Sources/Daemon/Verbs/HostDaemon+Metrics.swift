// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import Detection
import Events
import Platform
import Profiles
import Sensor
import Synchronization

extension HostDaemon {
    /// Gives out metrics as configured, or no longer. What cannot be given out is said and shown by `status`: it is no
    /// reason to stop watching.
    func openMetrics() {
        // The old socket first: it may have the path of the new one.
        desk.metrics = nil
        desk.metricsProblem = nil
        guard configuration.metricsSocketPath != nil || configuration.metricsListen != nil else { return }
        do throws(ControlError) {
            desk.metrics = try MetricsServer(
                path: configuration.metricsSocketPath, group: configuration.group,
                address: configuration.metricsListen)
        } catch {
            desk.metricsProblem = error.description
            journal.say("metrics are not given out: \(error.description)")
        }
    }

    /// The page of metrics.
    func metricsPage() -> MetricsText {
        var page = MetricsText()
        addAlerts(to: &page)
        addRecords(to: &page)
        addQueues(to: &page)
        addWatched(to: &page)
        addSelf(to: &page)
        return page
    }

    private func addAlerts(to page: inout MetricsText) {
        page.describe("ringfence_alerts_total", .counter, help: "Announcements of incidents, by severity.")
        for severity in Severity.allCases {
            page.sample(
                "ringfence_alerts_total", labels: ["severity": severity.rawValue],
                desk.recent.announced[severity] ?? 0)
        }
        let standing = writer.standing.withLock { $0 }
        page.describe("ringfence_incidents_open", .gauge, help: "Incidents that are still joined by new findings.")
        page.sample("ringfence_incidents_open", UInt64(standing.open))
        page.describe("ringfence_findings_total", .counter, help: "Novelties that incidents are made of.")
        page.sample("ringfence_findings_total", standing.incidents.findings)
        let sinks = standing.sinks
        page.describe("ringfence_sink_alerts_total", .counter, help: "Alerts given to a sink, by what became of them.")
        for (name, counters) in sinks {
            page.sample("ringfence_sink_alerts_total", labels: ["sink": name, "fate": "delivered"], counters.delivered)
            page.sample("ringfence_sink_alerts_total", labels: ["sink": name, "fate": "dropped"], counters.dropped)
        }
        page.describe("ringfence_sink_waiting", .gauge, help: "Alerts that wait in a sink's queue.")
        for (name, counters) in sinks {
            page.sample("ringfence_sink_waiting", labels: ["sink": name], UInt64(counters.waiting))
        }
        page.describe("ringfence_sink_failures_total", .counter, help: "Attempts of a sink that failed.")
        for (name, counters) in sinks {
            page.sample("ringfence_sink_failures_total", labels: ["sink": name], counters.failed)
        }
    }

    private func addRecords(to page: inout MetricsText) {
        let snapshot = consumer.counters.snapshot
        page.describe("ringfence_records_total", .counter, help: "Records that were judged, by verdict.")
        for verdict in Verdict.allCases {
            page.sample("ringfence_records_total", labels: ["verdict": "\(verdict)"], snapshot[verdict])
        }
        var account = SlotSnapshot.Account()
        for slot in sensor.slots { account += slot.account }
        page.describe(
            "ringfence_kernel_records", .gauge,
            help: "Records of the cgroups that have a slot now: produced = delivered + suppressed + dropped.")
        for (fate, count) in [
            ("produced", account.produced), ("delivered", account.delivered), ("suppressed", account.suppressed),
            ("dropped", account.dropped),
        ] { page.sample("ringfence_kernel_records", labels: ["fate": fate], count) }
        let losses = sensor.losses
        page.describe("ringfence_lost_facts_total", .counter, help: "Facts that found no room in the kernel.")
        for (what, count) in [
            ("cgroups", losses.cgroups), ("executables", losses.executables), ("tasks", losses.tasks),
            ("denials", losses.denials), ("deviations", losses.deviations),
        ] {
            page.sample("ringfence_lost_facts_total", labels: ["of": what], count)
        }
        let executions = executionCounts
        page.describe(
            "ringfence_executions_lost", .gauge,
            help: "Of the cgroups that have a slot now: executions and sights of credentials that found no room.")
        for (what, count) in [("edges", executions.lostEdges), ("credentials", executions.lostCredentials)] {
            page.sample("ringfence_executions_lost", labels: ["of": what], count)
        }
    }

    private func addQueues(to page: inout MetricsText) {
        let queues: [(String, UInt64, UInt64)] = [
            (
                "records", consumer.output.pushed - min(consumer.output.pushed, consumer.output.taken),
                consumer.output.dropped
            ),
            ("trace", consumer.trace.pushed - min(consumer.trace.pushed, consumer.trace.taken), consumer.trace.dropped),
            ("to-writer", UInt64(writer.inbox.count), writer.inbox.dropped),
            ("to-control", UInt64(writer.outbox.count), writer.outbox.dropped),
        ]
        page.describe("ringfence_queue_waiting", .gauge, help: "What waits in a queue between two threads.")
        for (name, waiting, _) in queues { page.sample("ringfence_queue_waiting", labels: ["queue": name], waiting) }
        page.describe("ringfence_queue_dropped_total", .counter, help: "What found no room in such a queue.")
        for (name, _, dropped) in queues {
            page.sample("ringfence_queue_dropped_total", labels: ["queue": name], dropped)
        }
    }

    private func addWatched(to page: inout MetricsText) {
        let use = slotUse
        page.describe("ringfence_slots_used", .gauge, help: "Cgroups that have a slot.")
        page.sample("ringfence_slots_used", UInt64(use.slots))
        page.describe("ringfence_slots", .gauge, help: "Slots in all.")
        page.sample("ringfence_slots", UInt64(configuration.slots))
        page.describe("ringfence_executables_used", .gauge, help: "Executables that have a sub-slot.")
        page.sample("ringfence_executables_used", UInt64(use.subs))
        page.describe("ringfence_containers", .gauge, help: "Containers that are watched, by state.")
        for (state, count) in containersByState.sorted(by: { $0.key < $1.key }) {
            page.sample("ringfence_containers", labels: ["state": state], UInt64(count))
        }
        page.describe("ringfence_profiles", .gauge, help: "Profiles that are kept.")
        page.sample("ringfence_profiles", UInt64(watch.keeper.profiles.count))
        page.describe("ringfence_profiles_unreadable", .gauge, help: "Profiles on disk that cannot be read.")
        page.sample("ringfence_profiles_unreadable", UInt64(watch.keeper.unreadable.count))
        page.describe("ringfence_epochs_total", .counter, help: "Epochs of containers that ended and were saved.")
        page.sample("ringfence_epochs_total", watch.epochs.ended)
        page.describe(
            "ringfence_profile_save_failures_total", .counter, help: "Times that a profile could not be saved.")
        page.sample("ringfence_profile_save_failures_total", watch.keeper.failures)
        page.describe(
            "ringfence_profiles_refused_total", .counter,
            help: "Profiles that were not begun because their owner has its share of them.")
        for (owner, count) in watch.keeper.quota.refused.sorted(by: { $0.key < $1.key }) {
            page.sample("ringfence_profiles_refused_total", labels: ["owner": owner.description], UInt64(count))
        }
        page.describe(
            "ringfence_unfiled_total", .counter,
            help: "Containers whose facts are kept without a profile of their own, and those dropped from there.")
        for (fate, count) in [("kept", watch.keeper.unfiled.kept), ("dropped", watch.keeper.unfiled.dropped)] {
            page.sample("ringfence_unfiled_total", labels: ["fate": fate], UInt64(count))
        }
        page.describe(
            "ringfence_epochs_given_up_total", .counter, help: "Last epochs of containers that could not be saved.")
        page.sample("ringfence_epochs_given_up_total", watch.epochs.givenUp)
        page.describe("ringfence_policy_tables_used", .gauge, help: "Tables of what profiles allow that are in use.")
        page.sample("ringfence_policy_tables_used", UInt64(max(0, watch.tables.counts.used)))
    }

    private func addSelf(to page: inout MetricsText) {
        let now = BootClock.nanoseconds
        page.describe("ringfence_build_info", .gauge, help: "The version, as a label.")
        page.sample("ringfence_build_info", labels: ["version": ProgramVersion.text], UInt64(1))
        page.describe("ringfence_uptime_seconds", .gauge, help: "Seconds since the daemon was started.")
        page.sample("ringfence_uptime_seconds", UInt64((now - min(now, started.bootNanoseconds)) / 1_000_000_000))
        page.describe("ringfence_map_bytes", .gauge, help: "Kernel memory of each map of a fixed size.")
        for map in sensor.mapSizes { page.sample("ringfence_map_bytes", labels: ["map": map.name], UInt64(map.bytes)) }
        page.describe("ringfence_resident_bytes", .gauge, help: "Memory of the daemon's process.")
        page.sample("ringfence_resident_bytes", UInt64(Self.residentBytes))
        let beat = wakeUps.kernelBeat.load(ordering: .relaxed)
        page.describe(
            "ringfence_heartbeat_age_seconds", .gauge,
            help: "Seconds since a heartbeat came back through the kernel; NaN before the first.")
        page.sample("ringfence_heartbeat_age_seconds", beat == 0 ? Double.nan : Double(now - min(now, beat)) / 1e9)
        page.describe("ringfence_programs_attached", .gauge, help: "Kernel programs that are attached, 1 or 0.")
        for status in sensor.programs {
            page.sample(
                "ringfence_programs_attached", labels: ["program": status.program.rawValue],
                UInt64(status.missing == nil ? 1 : 0))
        }
        page.describe("ringfence_audit_unwritten_total", .counter, help: "Records that the audit could not take.")
        page.sample("ringfence_audit_unwritten_total", UInt64(journal.unwritten))
        page.describe("ringfence_reloads_total", .counter, help: "Readings of the configuration, by what came of them.")
        page.sample("ringfence_reloads_total", labels: ["result": "taken"], desk.reloads)
        page.sample("ringfence_reloads_total", labels: ["result": "refused"], desk.refusedReloads)
    }
}
