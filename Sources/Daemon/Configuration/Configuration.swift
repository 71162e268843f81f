// SPDX-License-Identifier: Apache-2.0
package import Containers
package import Control

/// What `ringfence.conf` and its drop-ins say. The defaults here are the daemon's.
package struct Configuration: Sendable, Equatable {
    /// Which cgroups are learned and watched.
    package enum Scope: String, Sendable, CaseIterable {
        case containers
        case containersAndServices = "containers+services"
        case all
    }

    /// The least grave alerts that reach the journal and the program.
    package enum Threshold: String, Sendable, CaseIterable { case notice, warning, critical }

    /// Profiles, allows, the audit log and what else must outlive a reboot.
    package var stateDirectory = "/var/lib/ringfence"
    /// The control and metrics sockets.
    package var runtimeDirectory = "/run/ringfence"
    package var scope = Scope.containers
    /// Cgroups that can be told apart, 64 to 65,536.
    package var slots: UInt32 = 4096
    /// Executables over all cgroups, 128 to 262,144.
    package var subslots: UInt32 = 16384
    /// Members may connect to the control socket and ask for what reads.
    package var group = "ringfence"
    /// Members may change things too; nil is root alone.
    package var adminGroup: String?

    /// How long a profile is learned at least.
    package var window: Duration = .seconds(86_400)
    /// The greatest share of epochs that may still bring something new, above 0 up to 0.5.
    package var share = 0.05
    /// Run time of one epoch.
    package var epoch: Duration = .seconds(600)
    /// Run time at the start of an instance that is learned but not counted as an epoch.
    package var warmUp: Duration = .zero

    /// Where alerts go, a JSON line each; nil is `alerts.jsonl` in the state directory.
    package var alertsFile: String?
    /// Bytes at which that file is rotated.
    package var alertsMaxSize: UInt64 = 64 << 20
    /// Age at which alerts are removed.
    package var alertsMaxAge: Duration = .seconds(30 * 86_400)
    /// Whether alerts go to the standard output too, which is the journal under systemd.
    package var journal = true
    /// A program that is given alerts on its standard input; empty: none.
    package var program: [String] = []
    package var minimumSeverity = Threshold.notice

    /// The metrics socket; nil is `metrics.sock` in the runtime directory, an empty text is none.
    package var metricsSocket: String?
    /// A loopback port for metrics; nil is none.
    package var metricsListen: LoopbackAddress?

    /// Whether the names are read by which containers find addresses, where those are watched.
    var resolveNames = true
    /// Whether network peers, listeners and unix sockets are watched, where there is cgroup v2.
    package var network = true
    /// Whether calls that a seccomp filter denied are watched: a second hook on every call.
    package var watchDenied = false
    /// Records a second of one cgroup for deviations, and for executions; what is above is suppressed and counted.
    package var deviationBudget: UInt32 = 200
    package var execBudget: UInt32 = 500

    /// What risk scores are made of; nil is the list that the program carries inside.
    package var weightsFile: String?
    /// What that file says.
    package var riskWeights = RiskWeights.standard

    /// The defaults.
    package init() {}

    /// The control socket's path.
    package var controlSocket: String { runtimeDirectory + "/control.sock" }

    /// The metrics socket's path; nil if there is none.
    package var metricsSocketPath: String? {
        guard let metricsSocket else { return runtimeDirectory + "/metrics.sock" }
        return metricsSocket.isEmpty ? nil : metricsSocket
    }

    /// The alert file's path.
    package var alertsPath: String { alertsFile ?? stateDirectory + "/alerts.jsonl" }

    /// What two settings that are each right get wrong together: the keys, the likelier culprit first, and a clause; nil if
    /// nothing.
    var contradiction: (keys: [ConfigurationKey], reason: String)? {
        if epoch > window { return ([.epoch, .window], "Epoch= is longer than Window=") }
        if warmUp > window { return ([.warmUp, .window], "WarmUp= is longer than Window=") }
        if subslots < slots * 2 {
            return ([.subslots, .slots], "Subslots= must be at least twice Slots=, which is \(slots)")
        }
        return nil
    }
}
