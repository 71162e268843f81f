// SPDX-License-Identifier: Apache-2.0
package import Platform

/// The daemon's end of the control socket. One thread owns it: that thread watches `descriptor` and calls `serve` when it
/// is readable or `nextDeadline` has come; nothing here waits.
///
/// Who may connect: root and the members of the socket's group (0660 in a directory of mode 0750, and checked again by
/// SO_PEERCRED). They may ask for what reads. What changes is for root, and for members of the administrators' group where
/// one is configured; those need the socket's group too, to get through the directory.
package final class ControlServer {
    /// Bounds. A client that passes one is told and let go.
    package struct Limits: Sendable {
        /// Bytes of a request line.
        package var lineBytes = 64 << 10
        /// The same for those who may change things: a profile to be imported is one line.
        package var administratorLineBytes = 32 << 20
        /// Clients at a time, and how many of these places only root may take.
        package var connections = 64
        package var reservedForRoot = 8
        /// How long a client without a tail may take over a request, or over taking an answer.
        package var idle: Duration = .seconds(30)
        /// Lines and bytes that wait for one slow tail.
        package var tailLines = 4096
        package var tailBytes = 4 << 20
        /// Bytes of one answer.
        package var answerBytes = 64 << 20

        /// The defaults.
        package init() {}
    }

    /// What has happened so far, for `status` and the metrics.
    package struct Counters: Sendable, Equatable {
        package var accepted: UInt64 = 0
        /// Turned away: no place was left, or not one of ours.
        package var refusedConnections: UInt64 = 0
        package var requests: UInt64 = 0
        /// Requests that the peer may not make.
        package var deniedRequests: UInt64 = 0
        /// Closed because they stood still.
        package var idleClosed: UInt64 = 0
        /// Times that no connection could be taken, usually for want of descriptors.
        package var acceptFailures: UInt64 = 0
    }

    /// Decides about one request; runs on the server's thread.
    package typealias Handler = (ControlRequest, PeerCredentials) -> ControlAnswer

    private static let listenerToken: UInt64 = 0

    private let poller: Poller
    private let listener: SocketListener
    private let lock: LockFile
    private let limits: Limits
    private let group: UInt32
    private let adminGroup: UInt32?
    private let owner: UInt32
    private var connections: [UInt64: ControlConnection] = [:]
    private var watched: [UInt64: Poller.Interest] = [:]
    private var lastToken: UInt64 = 0
    private var acceptsAgain: ContinuousClock.Instant?
    private var lastServed: ContinuousClock.Instant?
    private var turn: UInt64 = 0

    /// The socket's path.
    package let path: String
    /// What was not as configured, each a line for people.
    package let notes: [String]
    /// What has happened so far.
    package private(set) var counters = Counters()

    /// Readable when `serve` has something to do; owned by this value.
    package var descriptor: CInt { poller.descriptor }
    /// Clients connected now.
    package var connectionCount: Int { connections.count }

    /// Listens. A socket that a dead daemon left is replaced; a living daemon is an error that names it.
    ///
    /// - Parameters:
    ///   - path: of the socket; its directory is made with mode 0750 if it is not there, its parent must be. `PATH.lock`
    ///     beside it is held as long as the value lives.
    ///   - group: may connect; root's, with a note, if there is no such group.
    ///   - adminGroup: may change things too; nil is root alone. An unknown one is nobody, with a note.
    package init(
        path: String = ControlProtocol.defaultPath, group: String?, adminGroup: String? = nil, limits: Limits = Limits()
    ) throws(ControlError) {
        let place = try ControlSocketPlace(path: path, group: group)
        var notes = place.notes
        self.path = path
        self.limits = limits
        self.group = place.group
        owner = place.owner
        let administrators = adminGroup.flatMap { GroupIdentity($0) }
        self.adminGroup = administrators?.number
        if let adminGroup, administrators == nil {
            notes.append("there is no group \(adminGroup): only root may change things")
        }
        self.notes = notes
        lock = try place.lock()
        do throws(SystemError) {
            try place.removeStaleSocket()
            listener = try SocketListener(path: path, mode: 0o660, group: place.group)
            poller = try Poller()
            try poller.add(listener.descriptor, token: Self.listenerToken, .read)
        } catch { throw ControlError(listening: error) }
    }

    /// Does everything that can be done now.
    ///
    /// - Parameter now: the time; never earlier than in the call before.
    package func serve(now: ContinuousClock.Instant, handler: Handler) {
        if let again = acceptsAgain, now >= again {
            acceptsAgain = nil
            try? poller.change(listener.descriptor, token: Self.listenerToken, .read)
        }
        turn &+= 1
        lastServed = now
        for ready in (try? poller.wait(upTo: .zero)) ?? [] {
            if ready.token == Self.listenerToken {
                accept(now: now)
            } else if let connection = connections[ready.token] {
                serve(connection, ready.events, now: now, handler: handler)
                settle(ready.token, connection)
            }
        }
        for (token, connection) in connections where connection.waitsForTurn && connection.lastTurn != turn {
            serve(connection, [], now: now, handler: handler)
            settle(token, connection)
        }
        for (token, connection) in connections
        where !connection.mayIdle && connection.lastProgress + limits.idle <= now {
            counters.idleClosed &+= 1
            close(token)
        }
    }

    /// When `serve` is due even if nothing is readable.
    package var nextDeadline: ContinuousClock.Instant? {
        if let lastServed, connections.values.contains(where: \.waitsForTurn) { return lastServed }
        let idle = connections.values.lazy.filter { !$0.mayIdle }.map { [limits] in $0.lastProgress + limits.idle }
            .min()
        guard let idle, let acceptsAgain else { return idle ?? acceptsAgain }
        return min(idle, acceptsAgain)
    }

    /// Sends one JSON value to the tails of a topic. A slow one loses its own oldest lines instead.
    ///
    /// - Parameter accepts: whether a tail wants it, by the request that started it.
    package func publish(
        _ json: [UInt8], to topic: String, now: ContinuousClock.Instant,
        where accepts: (ControlRequest) -> Bool = { _ in true }
    ) {
        var line: [UInt8]?
        for (token, connection) in connections {
            guard let tail = connection.tail, tail.topic == topic, accepts(tail.request) else { continue }
            let framed = line ?? ControlProtocol.framed(ControlProtocol.linePrefix, json)
            line = framed
            connection.push(framed)
            connection.flush(now: now)
            settle(token, connection)
        }
    }

    /// Ends the tails of a topic, or all of them, after what waits for them.
    package func endTails(of topic: String? = nil, now: ContinuousClock.Instant) {
        for (token, connection) in connections where connection.tail != nil {
            guard topic == nil || connection.tail?.topic == topic else { continue }
            connection.endTail()
            connection.flush(now: now)
            settle(token, connection)
        }
    }

    /// The topics that somebody follows now.
    package var topics: Set<String> { Set(connections.values.compactMap(\.tail?.topic)) }

    /// Whether a peer may ask for what changes.
    package func isAdministrator(_ peer: PeerCredentials) -> Bool {
        peer.user == 0 || peer.user == owner || adminGroup.map { peer.isMember(of: $0) } == true
    }

    private func accept(now: ContinuousClock.Instant) {
        // Level-triggered: what is left after so many is reported again.
        for _ in 0..<32 {
            let socket: StreamSocket
            let peer: PeerCredentials
            do throws(SystemError) {
                guard let next = try listener.accept() else { return }
                peer = try next.peer()
                socket = next
            } catch {
                // No descriptor is free: the connection keeps waiting, and the poll must not spin on it.
                counters.acceptFailures &+= 1
                acceptsAgain = now + .milliseconds(200)
                try? poller.change(listener.descriptor, token: Self.listenerToken, [])
                return
            }
            let connection = ControlConnection(socket, peer: peer, now: now)
            if let failure = refusal(of: peer) {
                counters.refusedConnections &+= 1
                connection.refuse(failure)
                connection.flush(now: now)
                continue
            }
            lastToken &+= 1
            guard (try? poller.add(connection.socket.descriptor, token: lastToken, .read)) != nil else {
                counters.acceptFailures &+= 1
                continue
            }
            counters.accepted &+= 1
            connections[lastToken] = connection
            watched[lastToken] = .read
        }
    }

    private func refusal(of peer: PeerCredentials) -> ControlFailure? {
        guard peer.user == 0 || peer.user == owner || peer.isMember(of: group) || isAdministrator(peer) else {
            return ControlFailure(
                "user \(peer.user) may not ask ringfenced",
                remedy: "run as root, or join the group \(GroupIdentity(number: group).name)", exitCode: 77)
        }
        let places = peer.user == 0 ? limits.connections : limits.connections - limits.reservedForRoot
        guard connections.count < places else {
            return ControlFailure(
                "ringfenced has \(connections.count) clients already", remedy: "end some, then try again", exitCode: 75)
        }
        return nil
    }

    private func serve(
        _ connection: ControlConnection, _ events: Poller.Interest, now: ContinuousClock.Instant, handler: Handler
    ) {
        func answer(_ request: ControlRequest) -> ControlAnswer {
            counters.requests &+= 1
            guard request.verb.access == .read || isAdministrator(connection.peer) else {
                counters.deniedRequests &+= 1
                return .failure(
                    ControlFailure(
                        "user \(connection.peer.user) may not ask for \(request.verb.rawValue)",
                        remedy: adminGroup.map { "use sudo, or join the group \(GroupIdentity(number: $0).name)" }
                            ?? "use sudo: only root may", exitCode: 77))
            }
            return handler(request, connection.peer)
        }
        var limits = limits
        if isAdministrator(connection.peer) { limits.lineBytes = max(limits.lineBytes, limits.administratorLineBytes) }
        connection.lastTurn = turn
        if events.contains(.write) || connection.waitsForTurn {
            connection.flush(now: now)
            connection.process(limits: limits, now: now, answer: answer)
        }
        if events.contains(.read) { connection.read(limits: limits, now: now, answer: answer) }
        if events == .closed || (events.contains(.closed) && connection.tail != nil) { connection.abandon() }
    }

    /// Watches a connection for what it waits for now, or closes it.
    private func settle(_ token: UInt64, _ connection: ControlConnection) {
        guard !connection.isDead else { return close(token) }
        let interest = connection.interest
        guard watched[token] != interest else { return }
        watched[token] = interest
        if (try? poller.change(connection.socket.descriptor, token: token, interest)) == nil { close(token) }
    }

    private func close(_ token: UInt64) {
        // A removed connection closes its descriptor, which leaves the poll with it.
        connections[token] = nil
        watched[token] = nil
    }
}
