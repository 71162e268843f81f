// SPDX-License-Identifier: Apache-2.0
import Platform

/// A program that gets one JSON line for each alert on its standard input: how curl, Alertmanager, a chat or a log shipper
/// is reached. It is started at once, restarted with back-off (1 s, doubling to a minute) when it ends, and killed with
/// its process group when it has not read for a minute although something waits. Of its standard error the last line is
/// kept, for status. A line that it had not read as a whole when it ended is given to the next one from the beginning.
package final class ProgramSink: AlertSink {
    private static let stall: UInt64 = 60_000_000_000
    /// A program that ran for so long had started well: the back-off begins anew.
    private static let settled: UInt64 = 60_000_000_000
    private static let messageLimit = 4096

    private let arguments: [String]
    private let environment: [String]
    private var state: SinkState
    private var program: PipedProgram?
    private var started: UInt64 = 0
    private var progressed: UInt64 = 0
    private var hasMessages = true
    private var lastLine: [UInt8] = []
    /// How often the program was started.
    package private(set) var starts: UInt64 = 0
    /// How often it was killed because it did not read.
    package private(set) var stalls: UInt64 = 0

    /// A sink to `arguments`, the first of which is looked up in PATH; `environment` has `NAME=value` words. Nothing is
    /// started before the first `service`.
    package init(
        arguments: [String],
        environment: [String] = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
        queueLimit: Int = 1024
    ) {
        self.arguments = arguments
        self.environment = environment
        state = SinkState(name: "program \(SafeText.of(arguments.first ?? "", limit: 256))", limit: queueLimit)
    }

    package var name: String { state.name }
    package var counters: SinkCounters { state.counters }

    /// The program's process id while it runs.
    package var pid: Int32? { program?.pid }

    /// The last line that the program wrote to standard error, escaped; nil if there was none.
    package var lastMessage: String? {
        lastLine.isEmpty ? nil : SafeText.of(String(decoding: lastLine, as: UTF8.self), limit: 512)
    }

    package var interests: [PollInterest] {
        var interests: [PollInterest] = []
        if let messages = program?.messageNumber, hasMessages {
            interests.append(PollInterest(descriptor: messages, wantsRead: true, wantsWrite: false))
        }
        if let input = program?.input.number, !state.queue.isEmpty {
            interests.append(PollInterest(descriptor: input, wantsRead: false, wantsWrite: true))
        }
        return interests
    }

    package var deadline: UInt64? {
        if program == nil { return state.retryAt ?? 0 }
        // Without descriptors to wake us, its end is looked for once a second.
        let look = hasMessages ? nil : progressed + 1_000_000_000
        let stall = state.queue.isEmpty ? nil : progressed + Self.stall
        return [look, stall].compactMap(\.self).min()
    }

    package func deliver(_ alert: Alert, line: [UInt8]) { state.queue.append(line, severity: alert.severity) }

    package func service(now: Moment) {
        readMessages()
        noteEnd(now)
        if program == nil, !state.isWaiting(now) { start(now) }
        if program != nil { feed(now) }
    }

    package func takeComplaint() -> String? { state.takeComplaint() }

    /// A program that has taken everything gets the end of its input and time to do its work, outliving us if need be; one
    /// that still does not read is killed.
    package func close(now: Moment) {
        if program != nil { feed(now) }
        if state.queue.isEmpty { program?.release() }
        program = nil
    }

    private func start(_ now: Moment) {
        do throws(SystemError) {
            program = try PipedProgram(arguments, environment: environment)
            starts += 1
            started = now.bootNanoseconds
            progressed = now.bootNanoseconds
            hasMessages = true
            state.queue.startOver()
        } catch {
            state.fail(error.description, now: now)
        }
    }

    private func feed(_ now: Moment) {
        if state.queue.isEmpty { progressed = now.bootNanoseconds }
        while let rest = state.queue.first {
            switch program?.input.write(rest) {
            case .wrote(let count)?:
                progressed = now.bootNanoseconds
                if state.queue.advance(count) { state.succeed(now: now) }
            case .wouldBlock?:
                guard now.bootNanoseconds > progressed + Self.stall else { return }
                stalls += 1
                return stop("it has not read for a minute and was killed", now)
            // It has closed its input: its end will tell why, or it never ends and is ended.
            case .failed(let errno)?: return stop("it does not read any more (\(SystemError.message(errno)))", now)
            case nil: return
            }
        }
    }

    private func noteEnd(_ now: Moment) {
        guard let code = program?.exitCode() else { return }
        readMessages()
        stop("it ended with exit status \(code)", now)
    }

    private func stop(_ why: String, _ now: Moment) {
        program = nil
        state.queue.startOver()
        if now.bootNanoseconds > started + Self.settled { state.recover() }
        state.fail(why + (lastMessage.map { "; it said: \($0)" } ?? ""), now: now)
    }

    /// At most 64 KiB at a time: a program that floods its standard error waits for us, not we for it.
    private func readMessages() {
        for _ in 0..<16 {
            guard hasMessages, let bytes = program?.takeMessages(limit: Self.messageLimit) else {
                hasMessages = false
                return
            }
            guard !bytes.isEmpty else { return }
            let lines = bytes.split(separator: 0x0A)
            guard let last = lines.last else { continue }
            lastLine = Array(last.prefix(Self.messageLimit))
        }
    }
}
