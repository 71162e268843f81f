// SPDX-License-Identifier: Apache-2.0
import Platform

/// Standard output with the priority prefixes of sd-daemon(3), which journald turns into the priority of the line. If
/// nobody reads, the queue fills and then drops; nothing waits.
package final class StandardOutputSink: AlertSink {
    /// How an alert is written.
    package enum Format: String, Sendable { case compact, json }

    private let number: CInt
    private let format: Format
    private let hasPrefix: Bool
    private var state: SinkState
    private var output: NonBlockingOutput?

    /// A sink to descriptor `number`, 1 for standard output, which it duplicates. `hasPrefix` is for journald, not for
    /// terminals.
    package init(
        number: CInt = 1, format: Format = .compact, hasPrefix: Bool = true, queueLimit: Int = 1024
    ) {
        self.number = number
        self.format = format
        self.hasPrefix = hasPrefix
        state = SinkState(name: number == 1 ? "standard output" : "descriptor \(number)", limit: queueLimit)
    }

    package var name: String { state.name }
    package var counters: SinkCounters { state.counters }
    package var interests: [PollInterest] {
        guard !state.queue.isEmpty, state.retryAt == nil, let descriptor = output?.number else { return [] }
        return [PollInterest(descriptor: descriptor, wantsRead: false, wantsWrite: true)]
    }
    package var deadline: UInt64? {
        guard !state.queue.isEmpty else { return nil }
        return output == nil ? state.retryAt ?? 0 : state.retryAt
    }

    package func deliver(_ alert: Alert, line: [UInt8]) {
        let prefix = hasPrefix ? "<\(alert.severity.journalPriority)>" : ""
        let text = format == .json ? line : Array(CompactRendering(color: false).line(alert).utf8) + [0x0A]
        state.queue.append(Array(prefix.utf8) + text, severity: alert.severity)
    }

    package func service(now: Moment) {
        guard !state.queue.isEmpty, !state.isWaiting(now) else { return }
        if output == nil {
            do throws(SystemError) {
                output = try NonBlockingOutput(duplicating: number)
            } catch {
                return state.fail(error.description, now: now)
            }
        }
        while let rest = state.queue.first {
            switch output?.write(rest) {
            case .wrote(let count)?:
                if state.queue.advance(count) { state.succeed(now: now) }
            case .failed(let errno)?:
                // Whoever reads next gets whole lines.
                state.queue.startOver()
                return state.fail("cannot write: \(SystemError.message(errno))", now: now)
            case .wouldBlock?, nil: return
            }
        }
    }

    package func takeComplaint() -> String? { state.takeComplaint() }

    package func close(now: Moment) { service(now: now) }
}
