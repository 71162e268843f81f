// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import FoundationEssentials
import Glibc
import Platform
import Profiles

/// What the daemon says for people (standard error, which journald keeps) and what it writes into the audit. Control
/// thread.
final class DaemonJournal {
    private var audit: AuditLog?
    private let path: String
    /// Records that could not be written into the audit.
    private(set) var unwritten = 0
    private var lastComplaint: String?

    /// Opens or creates the audit at `path`; a failure is said and retried with the next record.
    init(auditPath: String) {
        path = auditPath
        open()
    }

    private func open() {
        do { audit = try AuditLog.open(path: path, now: Moment.now.wall) } catch { complain(error.description) }
    }

    /// One line for people.
    func say(_ text: String) {
        let line = Array("ringfenced: \(HostileText.printable(text))\n".utf8)
        // SAFETY: the kernel reads the buffer within the call. Nobody to read it is no reason to stop.
        _ = unsafe write(STDERR_FILENO, line, line.count)
    }

    /// One record of the audit; `actor` is the user who asked for it.
    func record(_ verb: String, subject: String, reason: String = "", actor: UInt32? = nil) {
        if audit == nil { open() }
        guard audit != nil else {
            unwritten += 1
            return
        }
        do {
            try audit?.append(verb: verb, subject: subject, reason: reason, actor: actor, now: Moment.now.wall)
            lastComplaint = nil
        } catch {
            unwritten += 1
            complain(error.description)
        }
    }

    /// A container was found.
    func started(_ container: TrackedContainer) {
        record("container-start", subject: container.description.id, reason: origin(container))
    }

    /// It is gone.
    func ended(_ container: TrackedContainer) {
        record("container-end", subject: container.description.id, reason: container.description.name)
    }

    /// What an epoch has brought.
    func tell(_ outcome: Learner.Outcome, of container: TrackedContainer) {
        if let state = outcome.newState {
            record("profile-state", subject: container.key, reason: "\(state.rawValue)")
            say("the profile \(container.key) is \(state.rawValue)")
        }
        if let change = outcome.imageChange {
            record(
                "image-change", subject: container.key,
                reason: (change.isProvisional ? "inherited as provisional by " : "learned from ")
                    + change.digests.joined(separator: ", "))
            for line in change.additions.lines { say("\(container.key), new image: \(line)") }
        }
        for probe in outcome.newProbes { say("\(container.key): a recurring session is a probe: \(probe)") }
    }

    /// Makes what was written durable.
    func flush() {
        do { try audit?.flush() } catch { complain(error.description) }
    }

    private func origin(_ container: TrackedContainer) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(ContainerOrigin(container.description)) else { return "" }
        return "\(container.description.name) \(String(decoding: json, as: UTF8.self))"
    }

    private func complain(_ text: String) {
        guard text != lastComplaint else { return }
        lastComplaint = text
        say(text)
    }
}
