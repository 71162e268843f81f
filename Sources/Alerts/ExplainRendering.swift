// SPDX-License-Identifier: Apache-2.0

/// The whole story of an alert as a block of lines for people.
package struct ExplainRendering: Sendable {
    private let color: Bool

    /// Colour is for terminals: ask for it.
    package init(color: Bool) { self.color = color }

    /// The block, each line with its line feed. Everything is escaped.
    package func text(_ alert: Alert) -> String {
        var lines = [
            head(
                "\(alert.severity.rawValue): \(Self.safe(alert.title))"
                    + (alert.isTest == true ? " (asked for, to see whether alerts arrive)" : ""))
        ]
        lines += ["", field("What", alert.what), field("Why", alert.why), field("Sure", certainty(alert))]
        lines.append(field("Losses", losses(alert.losses)))
        lines.append(field("Means", alert.rule.explanation))
        if let technique = alert.technique { lines.append(field("ATT&CK", "\(technique.id) \(technique.name)")) }
        lines += ["", head("When and where")] + place(alert)
        if let process = alert.process { lines += ["", head("Who")] + who(process, alert) }
        lines += ["", head("All of this incident")] + alert.items.map(item)
        if alert.itemsOmitted > 0 { lines.append("  and \(alert.itemsOmitted) more that there was no room for") }
        lines += ["", head("What to do next")] + steps(alert).map { "  \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private func place(_ alert: Alert) -> [String] {
        let container = alert.container
        var lines = [
            field("First", "\(alert.time.wall) UTC"),
            field("Last", "\(alert.last.wall) UTC, \(alert.count) time\(alert.count == 1 ? "" : "s") in all"),
            field("Host", "\(alert.host.name), machine \(alert.host.machineID), boot \(alert.host.bootID)"),
            field("Container", container.name + (container.id == container.name ? "" : " (\(container.id))")),
        ]
        if let engine = container.engine { lines.append(field("Engine", engine)) }
        if let image = container.image {
            lines.append(field("Image", image + (container.digest.map { " (\($0))" } ?? "")))
        }
        if let workload = container.workload { lines.append(field("Workload", workload)) }
        if let posture = container.posture {
            lines.append(field("Posture", posture.isEmpty ? "nothing grave" : posture.joined(separator: ", ")))
        }
        lines.append(field("Alert", "\(alert.id), revision \(alert.revision), score \(Self.rounded(alert.score))"))
        return lines
    }

    private func who(_ process: AlertProcess, _ alert: Alert) -> [String] {
        let thread = process.pid == process.tgid ? "" : ", thread \(process.pid)"
        var lines = [
            field("Process", "\(process.comm)[\(process.tgid)]\(thread), user id \(process.uid)"),
            field("Executable", process.executable.isEmpty ? "not known" : process.executable),
        ]
        if let argv = process.argv {
            lines.append(field("Arguments", argv.joined(separator: " ") + "  (as the process shows them)"))
        }
        if !alert.arguments.isEmpty { lines.append(field("Call with", alert.arguments.joined(separator: ", "))) }
        for (depth, parent) in process.ancestry.enumerated() {
            lines.append(field(depth == 0 ? "Child of" : "", "\(parent.comm)[\(parent.pid)]"))
        }
        return lines
    }

    private func item(_ item: AlertItem) -> String {
        let count = item.count > 1 ? " (\(item.count) times until \(item.last.time))" : ""
        let tier = item.rule == .engineSocket ? "" : item.tier.map { ", never-allow tier \($0)" } ?? ""
        return "  \(item.first.time)  \(Self.safe(item.what))\(count): \(item.rule.rawValue)\(tier)"
    }

    private func certainty(_ alert: Alert) -> String {
        guard alert.rule.isBehaviour else { return "Ringfence saw it itself" }
        guard let profile = alert.profile else { return "there is no profile: the rule holds without one" }
        var parts = ["the profile \(profile.key) is \(profile.state.rawValue)"]
        if profile.epochs > 0 { parts.append("learned in \(Quantity.counted(profile.epochs, "epoch"))") }
        if profile.instances > 0 { parts.append("from \(Quantity.counted(profile.instances, "instance"))") }
        if profile.calls > 0 { parts.append("\(Quantity.of(profile.calls)) calls") }
        if let bound = profile.noveltyBound {
            parts.append("an epoch brings something new in at most \(Self.rounded(bound * 100)) % (95 % bound)")
        }
        if let partial = profile.partial { parts.append("it is partial: \(partial)") }
        return parts.joined(separator: ", ")
    }

    private func losses(_ losses: AlertLosses) -> String {
        if losses.isNone { return "none: nothing of this container is missing" }
        return "\(losses.dropped) records dropped, \(losses.suppressed) held back, \(losses.facts) facts without room"
    }

    private func steps(_ alert: Alert) -> [String] {
        let allow = "ringfence allow \(Self.safe(alert.id)) --reason ..."
        var steps: [String] = []
        if alert.rule == .execSession {
            steps.append("Find out who entered the container: the engine's log and `ringfence audit` have it.")
        }
        if alert.rule == .migration {
            steps.append("Find out who may write to the host's cgroup file system: the process, or one that moved it.")
        }
        if alert.rule.isAllowable {
            steps.append("If it is meant to be so: \(allow)")
            steps.append("If not, keep the container as it is for evidence, and look at what else it did:")
            steps.append("  ringfence alerts --container \(Self.safe(alert.container.name))")
        } else if alert.rule == .unexpectedContainer {
            let key = alert.items.first { $0.rule == .unexpectedContainer }?.item.name ?? ""
            steps.append("If it is meant to run: ringfence containers --approve \(Self.quoted(key)) --reason ...")
            steps.append("What it was given: ringfence containers --explain \(Self.quoted(alert.container.name))")
            steps.append("Who started it: the engine's log has it; `ringfence audit` has when and of what.")
        } else {
            steps.append("See the state of Ringfence: ringfence status")
        }
        return steps
    }

    private func field(_ name: String, _ value: String) -> String {
        "  " + paint(name + String(repeating: " ", count: max(1, 12 - name.count)), "2") + Self.safe(value)
    }

    private func head(_ text: String) -> String { paint(text, "1") }

    private func paint(_ text: String, _ code: String) -> String { color ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }

    /// One word for a shell.
    private static func quoted(_ text: String) -> String {
        "'" + safe(text).replacing("'", with: "'\\''") + "'"
    }

    private static func safe(_ text: String) -> String { SafeText.of(text, limit: 64 * 1024) }

    /// With one digit after the point, or none if it is a zero; 0 for what is no number.
    private static func rounded(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int64((value * 10).rounded())
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(abs(tenths % 10))"
    }
}
