// SPDX-License-Identifier: Apache-2.0
import Platform

/// Answers GET /metrics over HTTP/1.0, on a unix socket (0660, of the given group) and on a loopback port. One thread owns it:
/// it watches `descriptor` and calls `serve` when that is readable or `nextDeadline` has come; nothing here waits.
package final class MetricsServer {
    private static let requestLimit = 8 << 10
    private static let connectionLimit = 16
    private static let timeLimit: Duration = .seconds(5)

    private final class Connection {
        let socket: StreamSocket
        let deadline: ContinuousClock.Instant
        var input: [UInt8] = []
        var output: [UInt8] = []
        var sent = 0

        init(_ socket: consuming StreamSocket, deadline: ContinuousClock.Instant) {
            self.socket = socket
            self.deadline = deadline
        }
    }

    /// A listener in an optional: nil where that way is not configured.
    private final class Listener {
        let socket: SocketListener
        init(_ socket: consuming SocketListener) { self.socket = socket }
    }

    private let poller: Poller
    /// By token, which is below the connections'.
    private let listeners: [UInt64: Listener]
    private var connections: [UInt64: Connection] = [:]
    private var lastToken: UInt64 = 2
    private var acceptsAgain: ContinuousClock.Instant?

    /// Pages given out.
    package private(set) var scrapes: UInt64 = 0
    /// The loopback port, nil if there is none.
    package let port: UInt16?
    /// Readable when `serve` has something to do; owned by this value.
    package var descriptor: CInt { poller.descriptor }

    /// Listens.
    ///
    /// - Parameters:
    ///   - path: of the unix socket, nil for none. One that nobody listens on is replaced.
    ///   - group: may connect to it; nil is the process's own.
    ///   - address: the loopback port, nil for none.
    package init(path: String?, group: String?, address: LoopbackAddress?) throws(ControlError) {
        var listeners: [UInt64: Listener] = [:]
        do throws(SystemError) {
            poller = try Poller()
            if let path {
                try ControlSocketPlace.removeSocket(path)
                let group = group.flatMap { GroupIdentity($0)?.number }
                listeners[1] = Listener(try SocketListener(path: path, mode: 0o660, group: group))
            }
            if let address {
                listeners[2] = Listener(try SocketListener(loopbackPort: address.port, six: address.isIPv6))
            }
            for (token, listener) in listeners { try poller.add(listener.socket.descriptor, token: token, .read) }
        } catch { throw ControlError(listening: error) }
        self.listeners = listeners
        port = listeners[2]?.socket.port
    }

    /// Does everything that can be done now.
    ///
    /// - Parameter page: makes the page; called once a request.
    package func serve(now: ContinuousClock.Instant, page: () -> MetricsText) {
        if let again = acceptsAgain, now >= again { watchListeners(true) }
        for ready in (try? poller.wait(upTo: .zero)) ?? [] {
            if let listener = listeners[ready.token] {
                accept(from: listener, now: now)
            } else if let connection = connections[ready.token], !advance(connection, ready, page: page) {
                connections[ready.token] = nil
            }
        }
        for (token, connection) in connections where connection.deadline <= now { connections[token] = nil }
    }

    /// When `serve` is due even if nothing is readable.
    package var nextDeadline: ContinuousClock.Instant? {
        (connections.values.map(\.deadline) + (acceptsAgain.map { [$0] } ?? [])).min()
    }

    private func watchListeners(_ watch: Bool) {
        if watch { acceptsAgain = nil }
        for (token, listener) in listeners {
            try? poller.change(listener.socket.descriptor, token: token, watch ? .read : [])
        }
    }

    private func accept(from listener: Listener, now: ContinuousClock.Instant) {
        while connections.count < Self.connectionLimit {
            let connection: Connection
            do throws(SystemError) {
                guard let socket = try listener.socket.accept() else { return }
                connection = Connection(socket, deadline: now + Self.timeLimit)
            } catch { break }
            lastToken &+= 1
            guard (try? poller.add(connection.socket.descriptor, token: lastToken, .read)) != nil else { continue }
            connections[lastToken] = connection
        }
        // No place or no descriptor: who comes now waits in the listener's queue, and the poll must not spin on it.
        acceptsAgain = now + .milliseconds(100)
        watchListeners(false)
    }

    /// Reads and writes; false when the connection is done.
    private func advance(_ connection: Connection, _ ready: Poller.Ready, page: () -> MetricsText) -> Bool {
        if connection.output.isEmpty {
            let outcome = try? connection.socket.receive(into: &connection.input, limit: Self.requestLimit + 1)
            guard let outcome else { return false }
            if isComplete(connection.input) {
                connection.output = answer(connection.input, page: page)
                try? poller.change(connection.socket.descriptor, token: ready.token, .write)
            } else if connection.input.count > Self.requestLimit {
                connection.output = Self.response("431 Request Header Fields Too Large", "text/plain", [])
            } else {
                return outcome != .ended
            }
        }
        while connection.sent < connection.output.count {
            switch try? connection.socket.send(connection.output[connection.sent...]) {
            case .bytes(let count): connection.sent += count
            case .later: return true
            case .ended, nil: return false
            }
        }
        connection.socket.endSending()
        return false
    }

    /// An empty line ends a request's head; a body is not read.
    private func isComplete(_ input: [UInt8]) -> Bool {
        let text = input.suffix(from: 0)
        return text.firstRange(of: Array("\r\n\r\n".utf8)) != nil || text.firstRange(of: Array("\n\n".utf8)) != nil
    }

    private func answer(_ input: [UInt8], page: () -> MetricsText) -> [UInt8] {
        let line = input.prefix { $0 != 0x0A && $0 != 0x0D }
        let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
            return Self.response("400 Bad Request", "text/plain", [])
        }
        guard words[0] == "GET" || words[0] == "HEAD" else {
            return Self.response("405 Method Not Allowed", "text/plain", [], extra: "Allow: GET, HEAD\r\n")
        }
        guard words[1] == "/metrics" || words[1].hasPrefix("/metrics?") else {
            return Self.response("404 Not Found", "text/plain", Array("metrics are at /metrics\n".utf8))
        }
        scrapes &+= 1
        let body = page().bytes
        let whole = Self.response("200 OK", MetricsText.contentType, body)
        return words[0] == "HEAD" ? Array(whole.dropLast(body.count)) : whole
    }

    private static func response(_ status: String, _ type: String, _ body: [UInt8], extra: String = "") -> [UInt8] {
        let head =
            "HTTP/1.0 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.count)\r\n\(extra)Connection: close\r\n\r\n"
        return Array(head.utf8) + body
    }
}
