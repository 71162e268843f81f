// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Profiles
import Sensor

/// The configuration in the terms of the modules that it is for.
extension Configuration {
    /// When a profile has learned enough.
    var learningRule: LearningRule {
        let epochSeconds = max(1, Int(epoch.components.seconds))
        return LearningRule(
            windowSeconds: Int(window.components.seconds), share: share, epochSeconds: epochSeconds,
            warmUpEpochs: (Int(warmUp.components.seconds) + epochSeconds - 1) / epochSeconds)
    }

    /// Which cgroups are watched.
    var containerScope: ContainerScope { ContainerScope(rawValue: scope.rawValue) ?? .containers }

    /// What the kernel programs are given.
    func sensor(_ hierarchy: CgroupHierarchy) -> SensorConfiguration {
        var sensor = SensorConfiguration(scope: .everything)
        sensor.slots = slots
        sensor.subslots = subslots
        sensor.policies = HostDaemon.policies
        sensor.ringBytes = 4 << 20
        sensor.traceBytes = 4 << 20
        sensor.watchesDenials = watchDenied
        sensor.names = resolveNames
        sensor.pins = PinDirectory.standard
        sensor.budgets[.deviation] = UInt64(deviationBudget)
        sensor.budgets[.ioUringDeviation] = UInt64(deviationBudget)
        sensor.budgets[.exec] = UInt64(execBudget)
        switch hierarchy.kind {
        case .unified: sensor.network = network ? hierarchy.mountPoint : nil
        case .legacy(let controller): sensor.legacyController = controller
        }
        return sensor
    }

    /// Where alerts go. The file is the daemon's own store: it takes those below the minimum too.
    var sinkSettings: [SinkSetting] {
        let least = Severity(rawValue: minimumSeverity.rawValue) ?? .notice
        var all: [SinkSetting] = [
            .file(path: alertsPath, bytes: Int(clamping: alertsMaxSize), seconds: alertsMaxAge.components.seconds)
        ]
        if journal { all.append(.journal(least)) }
        if !program.isEmpty { all.append(.program(program, least)) }
        return all
    }
}
