// SPDX-License-Identifier: Apache-2.0
import Platform

/// The JSON-lines file that is the daemon's own store of alerts, rotated by size and age to `PATH.1`, `PATH.2` ...
///
/// A line is written at once, so that it survives the daemon; fdatasync(2) follows at most once a second, so a power cut
/// costs at most the last second. A full or read-only disk costs nothing but time as long as the queue has room: the
/// line is taken back as a whole and tried again. What a killed writer left torn is ended with a line feed, never removed.
package final class FileSink: AlertSink {
    /// When the file is put away, and how many old ones are kept.
    package struct Rotation: Sendable {
        package var bytes = 16 * 1024 * 1024
        package var seconds: Int64 = 7 * 86_400
        package var kept = 8

        /// 16 MiB, a week, 8 files.
        package init() {}
    }

    private static let flushPause: UInt64 = 1_000_000_000

    private let path: String
    private let rotation: Rotation
    private var state: SinkState
    private var file: LineFile?
    /// Wall time of the file's first alert.
    private var begun = WallTime(milliseconds: 0)
    private var rotateAfter: UInt64 = 0
    private var flushed: UInt64 = 0
    private var isDirty = false

    /// A sink to `path`. It is opened by the first `service` that has something to write; a failure is retried.
    package init(path: String, rotation: Rotation = Rotation(), queueLimit: Int = 1024) {
        self.path = path
        self.rotation = rotation
        state = SinkState(name: "file \(path)", limit: queueLimit)
    }

    package var name: String { state.name }
    package var counters: SinkCounters { state.counters }
    package var interests: [PollInterest] { [] }
    package var deadline: UInt64? {
        if !state.queue.isEmpty { return state.retryAt ?? 0 }
        return isDirty ? flushed + Self.flushPause : nil
    }

    package func deliver(_ alert: Alert, line: [UInt8]) { state.queue.append(line, severity: alert.severity) }

    package func service(now: Moment) {
        if !state.isWaiting(now) { writeQueue(now) }
        if isDirty, now.bootNanoseconds >= flushed + Self.flushPause { flush(now) }
    }

    package func takeComplaint() -> String? { state.takeComplaint() }

    /// There is no next time: what waits after a failure is tried now.
    package func close(now: Moment) {
        writeQueue(now)
        if isDirty { flush(now) }
        file = nil
    }

    private func writeQueue(_ now: Moment) {
        guard !state.queue.isEmpty else { return }
        do throws(SystemError) {
            try write(now)
        } catch {
            state.fail(error.description, now: now)
        }
    }

    private func write(_ now: Moment) throws(SystemError) {
        try open(now)
        rotateIfDue(now)
        while let line = state.queue.first {
            // Rotation may have closed the file and failed to make the next.
            try open(now)
            try file?.append(Array(line))
            isDirty = true
            state.queue.removeFirst()
            state.succeed(now: now)
            rotateIfDue(now)
        }
    }

    private func open(_ now: Moment) throws(SystemError) {
        if let isInPlace = file?.isInPlace(), isInPlace { return }
        file = nil
        let opened = try LineFile(opening: path)
        begun = now.wall
        if let head = try? opened.bytes(from: 0, limit: Alert.lineLimit),
            let alert = Alert(line: head.prefix { $0 != 0x0A })
        {
            begun = alert.last.wall
        }
        file = consume opened
    }

    /// A rotation that fails is no reason to stop writing: it is tried again in a minute.
    private func rotateIfDue(_ now: Moment) {
        // After a step of the clock backwards the file is as old as it is now, not as old as it was never.
        if now.wall < begun { begun = now.wall }
        let length = file?.length ?? 0
        let age = (now.wall.milliseconds - begun.milliseconds) / 1000
        guard length >= rotation.bytes || (length > 0 && age >= rotation.seconds),
            now.bootNanoseconds >= rotateAfter
        else { return }
        do throws(SystemError) {
            try file?.flush()
            if rotation.kept > 0 {
                for number in stride(from: rotation.kept - 1, through: 1, by: -1)
                where FileTree.exists("\(path).\(number)") {
                    try FileTree.rename("\(path).\(number)", to: "\(path).\(number + 1)")
                }
                try FileTree.rename(path, to: "\(path).1")
            } else {
                try FileTree.removeFile(path)
            }
            file = nil
        } catch {
            rotateAfter = now.bootNanoseconds + 60_000_000_000
            state.fail(error.description, now: now)
        }
    }

    private func flush(_ now: Moment) {
        flushed = now.bootNanoseconds
        do throws(SystemError) {
            try file?.flush()
            isDirty = false
        } catch {
            state.fail(error.description, now: now)
        }
    }
}
