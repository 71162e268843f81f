// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Glibc
import Platform

extension HostDaemon {
    /// SIGHUP: reads the configuration again. What is wrong with it is said in the log.
    func reload() {
        let subject = configurationPath ?? "defaults"
        do throws(ControlFailure) {
            let outcome = try reloadNow()
            journal.record("reload", subject: subject, reason: outcome.detail)
        } catch {
            journal.record("reload", subject: subject, reason: "refused: \(error.message)")
            journal.say(error.message)
        }
        journal.flush()
    }

    /// Reads the configuration again and takes over what can change. A bad one changes nothing; what it is, is said with
    /// file and line.
    func reloadNow() throws(ControlFailure) -> VerbOutcome {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        notifier.send(.reloading(monotonicMicroseconds: UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000))
        defer { notifier.send(.ready) }
        let path = configurationPath ?? ConfigurationCheck.defaultPath
        let read = ConfigurationReader.read(path, isOptional: path == ConfigurationCheck.defaultPath)
        guard read.flaws.isEmpty else {
            desk.refusedReloads += 1
            let flaws = read.flaws.prefix(8).map(\.description).joined(separator: "; ")
            throw ControlFailure(
                "the old configuration stays: \(flaws)", remedy: "check it with ringfenced --check", exitCode: 78)
        }
        let change = ConfigurationChange(from: configuration, to: read.configuration)
        let old = configuration
        configuration = change.applied
        desk.reloads += 1
        watch.keeper.rule = configuration.learningRule
        if configuration.riskWeights != old.riskWeights { watch.weigh(by: configuration.riskWeights) }
        if configuration.sinkSettings != old.sinkSettings {
            writer.inbox.send(.sinks(configuration.sinkSettings))
            wakeUps.writer.raise()
        }
        if configuration.metricsSocketPath != old.metricsSocketPath || configuration.metricsListen != old.metricsListen
        {
            openMetrics()
        }
        var words: [String] = []
        if !change.changed.isEmpty { words.append("changed: " + change.changed.joined(separator: ", ")) }
        if !change.needsRestart.isEmpty {
            words.append("these need a restart: " + change.needsRestart.joined(separator: ", "))
        }
        let detail = words.isEmpty ? "nothing has changed" : words.joined(separator: "; ")
        journal.say("the configuration was read again; \(detail)")
        let value: JSONValue = [
            "files": .list(read.files), "changed": .list(change.changed), "needsRestart": .list(change.needsRestart),
            "metricsProblem": .optional(desk.metricsProblem),
        ]
        return VerbOutcome(value.compact, detail)
    }
}
