// SPDX-License-Identifier: Apache-2.0
import Control

/// Every key of the configuration, in the order of the default file.
enum ConfigurationKey: String, CaseIterable {
    case stateDirectory = "StateDirectory"
    case runtimeDirectory = "RuntimeDirectory"
    case scope = "Scope"
    case slots = "Slots"
    case subslots = "Subslots"
    case group = "Group"
    case adminGroup = "AdminGroup"
    case window = "Window"
    case share = "Share"
    case epoch = "Epoch"
    case warmUp = "WarmUp"
    case file = "File"
    case maxSize = "MaxSize"
    case maxAge = "MaxAge"
    case journal = "Journal"
    case program = "Program"
    case minimumSeverity = "MinimumSeverity"
    case socket = "Socket"
    case listen = "Listen"
    case network = "Network"
    case resolveNames = "ResolveNames"
    case watchDenied = "WatchDenied"
    case deviationBudget = "DeviationBudget"
    case execBudget = "ExecBudget"
    case weightsFile = "WeightsFile"

    /// The sections, in order.
    static let sections = ["Daemon", "Learning", "Alerts", "Metrics", "Kernel", "Risk"]

    /// Where the key belongs.
    var section: String {
        switch self {
        case .stateDirectory, .runtimeDirectory, .scope, .slots, .subslots, .group, .adminGroup: "Daemon"
        case .window, .share, .epoch, .warmUp: "Learning"
        case .file, .maxSize, .maxAge, .journal, .program, .minimumSeverity: "Alerts"
        case .socket, .listen: "Metrics"
        case .network, .resolveNames, .watchDenied, .deviationBudget, .execBudget: "Kernel"
        case .weightsFile: "Risk"
        }
    }

    /// What it means, for the default file; lines of at most 100 characters.
    var comment: [String] {
        switch self {
        case .stateDirectory: ["Profiles, allows, alerts and the audit log. Readable by root alone."]
        case .runtimeDirectory: ["The sockets. /run is emptied at boot; nothing here has to last."]
        case .scope:
            [
                "What is learned and watched: containers, containers+services (systemd's services too), or all",
                "cgroups.",
            ]
        case .slots: ["Cgroups that can be told apart, 64 to 65536; 2.5 kB of memory each."]
        case .subslots: ["Executables over all cgroups, at least twice Slots=, up to 262144; 1.7 kB of memory each."]
        case .group: ["Members may ask what is going on. They cannot change anything."]
        case .adminGroup: ["Members (of Group= too) may also approve, allow, import and trace. Empty: only root may."]
        case .window: ["How long a container's behaviour is learned at least before it is judged, 1s to 365d."]
        case .share:
            ["It is judged once, at 95 % confidence, at most this share of epochs would still bring something", "new."]
        case .epoch: ["The unit of learning, in run time of the container, 1s to 1d."]
        case .warmUp: ["Run time after a container's start that is learned, but not counted as epochs."]
        case .file: ["Where alerts are written, one JSON object a line. Empty: alerts.jsonl in StateDirectory=."]
        case .maxSize: ["The file is rotated at this size, 1M to 1T, ..."]
        case .maxAge: ["... and alerts older than this are removed, 1h to 3650d."]
        case .journal: ["Whether alerts also go to the standard output, which is the journal under systemd."]
        case .program:
            [
                "A program that is given every alert as a line on its standard input; restarted when it ends.",
                "Empty: none.",
            ]
        case .minimumSeverity: ["The least grave alerts that leave the daemon: notice, warning or critical."]
        case .socket:
            [
                "Prometheus metrics over HTTP on a unix socket. Empty: metrics.sock in RuntimeDirectory=. none: no",
                "socket.",
            ]
        case .listen: ["The same on a loopback port, as 127.0.0.1:9469. Every local user can read it. Empty: no port."]
        case .network:
            [
                "Whether it is learned and watched whom containers connect and send to, where they listen and which unix",
                "sockets they connect to. Needs cgroup v2; it costs a hook on each of these calls, none on others.",
            ]
        case .resolveNames:
            [
                "Whether answers of DNS (UDP, port 53) to containers are read, so that profiles have names in the place of",
                "addresses that change. Needs Network=yes; it costs a look at each packet that the host sends or gets.",
            ]
        case .watchDenied:
            ["Whether calls that a seccomp filter denied are reported. It costs a second hook on every call."]
        case .deviationBudget: ["Deviations that one cgroup may report in a second; more are counted only."]
        case .execBudget: ["Executions that one cgroup may report in a second; more are counted only."]
        case .weightsFile:
            [
                "What each part of a container's posture adds to its risk score, a file like profiles/risk-weights.conf",
                "of the sources. Empty: that one, which is built in.",
            ]
        }
    }

    /// Sets the key. An empty value is the default again, as in systemd's files.
    func apply(_ value: String, to configuration: inout Configuration) throws(ConfigurationValueFlaw) {
        let value = value.isEmpty ? text(in: Configuration()) : value
        typealias Value = ConfigurationValue
        switch self {
        case .stateDirectory: configuration.stateDirectory = try Value.path(value)
        case .runtimeDirectory:
            // The sockets' names go behind it.
            let path = try Value.path(value)
            guard path.utf8.count <= 90 else {
                throw ConfigurationValueFlaw(expected: "a path of at most 90 bytes, for sockets are in it")
            }
            configuration.runtimeDirectory = path
        case .scope: configuration.scope = try Value.word(value)
        case .slots: configuration.slots = try Value.count(value, 64...65_536)
        case .subslots: configuration.subslots = try Value.count(value, 128...262_144)
        case .group: configuration.group = try Value.name(value)
        case .adminGroup: configuration.adminGroup = value.isEmpty ? nil : try Value.name(value)
        case .window: configuration.window = try Value.duration(value, .seconds(1) ... .seconds(365 * 86_400))
        case .share: configuration.share = try Value.share(value)
        case .epoch: configuration.epoch = try Value.duration(value, .seconds(1) ... .seconds(86_400))
        case .warmUp: configuration.warmUp = try Value.duration(value, .zero ... .seconds(86_400))
        case .file: configuration.alertsFile = value.isEmpty ? nil : try Value.path(value)
        case .maxSize: configuration.alertsMaxSize = try Value.size(value, 1 << 20...1 << 40)
        case .maxAge:
            configuration.alertsMaxAge = try Value.duration(value, .seconds(3600) ... .seconds(3650 * 86_400))
        case .journal: configuration.journal = try Value.flag(value)
        case .program: configuration.program = value.isEmpty ? [] : try Value.command(value)
        case .minimumSeverity: configuration.minimumSeverity = try Value.word(value)
        case .socket:
            configuration.metricsSocket = value.isEmpty ? nil : value == "none" ? "" : try Value.socketPath(value)
        case .listen:
            guard let address = LoopbackAddress(value) else {
                if value.isEmpty {
                    configuration.metricsListen = nil
                    return
                }
                throw ConfigurationValueFlaw(expected: "127.0.0.1:PORT or [::1]:PORT, for metrics stay on this machine")
            }
            configuration.metricsListen = address
        case .network: configuration.network = try Value.flag(value)
        case .resolveNames: configuration.resolveNames = try Value.flag(value)
        case .watchDenied: configuration.watchDenied = try Value.flag(value)
        case .deviationBudget: configuration.deviationBudget = try Value.count(value, 1...1_000_000)
        case .execBudget: configuration.execBudget = try Value.count(value, 1...1_000_000)
        case .weightsFile: configuration.weightsFile = value.isEmpty ? nil : try Value.path(value)
        }
    }

    /// The key's value as it would be written.
    func text(in configuration: Configuration) -> String {
        switch self {
        case .stateDirectory: configuration.stateDirectory
        case .runtimeDirectory: configuration.runtimeDirectory
        case .scope: configuration.scope.rawValue
        case .slots: String(configuration.slots)
        case .subslots: String(configuration.subslots)
        case .group: configuration.group
        case .adminGroup: configuration.adminGroup ?? ""
        case .window: ConfigurationValue.render(configuration.window)
        case .share: ConfigurationValue.render(share: configuration.share)
        case .epoch: ConfigurationValue.render(configuration.epoch)
        case .warmUp: ConfigurationValue.render(configuration.warmUp)
        case .file: configuration.alertsFile ?? ""
        case .maxSize: ConfigurationValue.render(configuration.alertsMaxSize)
        case .maxAge: ConfigurationValue.render(configuration.alertsMaxAge)
        case .journal: configuration.journal ? "yes" : "no"
        case .program: ConfigurationValue.render(command: configuration.program)
        case .minimumSeverity: configuration.minimumSeverity.rawValue
        case .socket: configuration.metricsSocket.map { $0.isEmpty ? "none" : $0 } ?? ""
        case .listen: configuration.metricsListen.map(\.description) ?? ""
        case .network: configuration.network ? "yes" : "no"
        case .resolveNames: configuration.resolveNames ? "yes" : "no"
        case .watchDenied: configuration.watchDenied ? "yes" : "no"
        case .deviationBudget: String(configuration.deviationBudget)
        case .execBudget: String(configuration.execBudget)
        case .weightsFile: configuration.weightsFile ?? ""
        }
    }

    /// The key that a misspelt one most likely means: at most three letters apart, case aside; nil if none is near.
    static func nearest(to text: String) -> ConfigurationKey? {
        guard text.utf8.count <= 64 else { return nil }
        let word = Array(text.lowercased().utf8)
        let ranked = allCases.map { (key: $0, distance: distance(word, Array($0.rawValue.lowercased().utf8))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= 3,
            best.distance < best.key.rawValue.utf8.count
        else { return nil }
        return best.key
    }

    /// Levenshtein's distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let next = min(row[column] + 1, row[column + 1] + 1, diagonal + (byte == right[column] ? 0 : 1))
                diagonal = row[column + 1]
                row[column + 1] = next
            }
        }
        return row[right.count]
    }
}
