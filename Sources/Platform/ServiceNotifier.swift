// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// Tells the service manager how this daemon is, by the protocol of sd_notify(3): datagrams to the unix socket that
/// NOTIFY_SOCKET names. Without that variable every message is a no-op. Any thread may send.
package struct ServiceNotifier: Sendable {
    /// What can be told.
    package enum Message: Sendable, Equatable {
        /// The start, or a reload, is complete.
        case ready
        /// A reload begins; `ready` ends it. Carries the monotonic clock in microseconds, as Type=notify-reload wants it.
        case reloading(monotonicMicroseconds: UInt64)
        /// The daemon is ending.
        case stopping
        /// It is alive; due at least every `watchdogInterval`.
        case watchdog
        /// One line for `systemctl status`.
        case status(String)

        var text: String {
            switch self {
            case .ready: "READY=1"
            case .reloading(let time): "RELOADING=1\nMONOTONIC_USEC=\(time)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            case .status(let line): "STATUS=" + String(line.map { $0.isNewline ? " " : $0 })
            }
        }
    }

    /// The socket's path; one that begins with `@` is in the abstract namespace. Nil: nobody listens.
    package let path: String?
    /// How often the manager wants `watchdog`, at most: half of what WATCHDOG_USEC says, as sd_watchdog_enabled(3)
    /// advises; nil if it does not.
    package let watchdogInterval: Duration?

    /// The notifier of an environment.
    ///
    /// - Parameters:
    ///   - environment: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are read.
    ///   - pid: this process's id; a watchdog that is meant for another process is none.
    package init(environment: [String: String], pid: Int32) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(pid) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = isOurs && microseconds > 0 ? .microseconds(microseconds / 2) : nil
    }

    /// Sends messages in one datagram. Never waits.
    ///
    /// - Returns: nil if it was sent or nobody listens, else why not: a daemon goes on without.
    @discardableResult
    package func send(_ messages: Message...) -> SystemError? {
        guard let path else { return nil }
        // SAFETY: the path is a string that outlives the call, of the length that is told.
        let made = unsafe rf_unix_connect(path, path.utf8.count, 1)
        guard made >= 0 else { return SystemError("notify", path, errno: errno) }
        let socket = Descriptor(owning: made)
        let bytes = Array(messages.map(\.text).joined(separator: "\n").utf8)
        // SAFETY: the pointer is into `bytes`, whose size is told, and which outlives the call.
        let count = unsafe bytes.withUnsafeBytes { unsafe rf_send(socket.number, $0.baseAddress, $0.count) }
        let failure = errno
        return count == bytes.count ? nil : SystemError("notify", path, errno: count < 0 ? failure : EMSGSIZE)
    }
}
