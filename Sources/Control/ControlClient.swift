// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// The tool's end of the control socket: asks, and waits for the answer up to a deadline. Not for several threads at once.
package struct ControlClient: ~Copyable {
    /// What a tail or a list brings.
    package enum Item: Sendable, Equatable {
        /// One JSON value, its bytes as the daemon wrote them.
        case line([UInt8])
        /// So many lines, older than the next one, were dropped because this client was slow.
        case lost(Int64)
        /// Nothing came in the time given.
        case quiet
        /// There is no more.
        case end
    }

    /// An answer longer than this is not taken, in bytes.
    private static let answerLimit = 128 << 20

    private let socket: StreamSocket
    private let path: String
    private let timeout: Duration
    private var input: [UInt8] = []
    /// Bytes of `input` that are used up, and those that hold no line end for sure.
    private var used = 0
    private var searched = 0

    /// For a poll of the caller's; owned by this value. Bytes may wait in memory too: call `next` until it is `.quiet`.
    package var descriptor: CInt { socket.descriptor }

    /// Connects.
    ///
    /// - Parameters:
    ///   - path: of the socket.
    ///   - timeout: for connecting, and for each answer.
    package init(
        path: String = ControlProtocol.defaultPath, timeout: Duration = .seconds(10)
    ) throws(ControlError) {
        self.path = path
        self.timeout = timeout
        socket = try Self.connect(path, timeout: timeout)
    }

    private static func connect(_ path: String, timeout: Duration) throws(ControlError) -> StreamSocket {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while true {
            do throws(SystemError) {
                return try StreamSocket(connecting: path)
            } catch {
                // Its queue of connections is full: unix sockets give no poll for that.
                guard error.errno == EAGAIN, clock.now < deadline else { throw explained(error, path) }
                var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
                _ = unsafe nanosleep(&pause, nil)
            }
        }
    }

    private static func explained(_ error: SystemError, _ path: String) -> ControlError {
        switch error.errno {
        case ENOENT, ECONNREFUSED, ENOTDIR:
            return ControlError(
                .connect, path, reason: "no daemon listens there",
                remedy: "start it with systemctl start ringfenced", exitCode: 69)
        case EACCES, EPERM:
            let directory = PathParts(path).directory
            var status = stat()
            // SAFETY: the path outlives the call; `status` is ours for the length of the call.
            let group = unsafe stat(directory, &status) == 0 ? GroupIdentity(number: status.st_gid) : nil
            let join = group.flatMap { $0.number == 0 ? nil : ", or join the group \($0.name)" } ?? ""
            return ControlError(
                .connect, path, reason: "you may not", remedy: "run as root\(join)", exitCode: 77)
        case EAGAIN:
            return ControlError(
                .connect, path, reason: "it takes no connection now", remedy: "look at systemctl status ringfenced",
                exitCode: 75)
        default:
            return ControlError(
                .connect, path, reason: SystemError.message(error.errno), remedy: "check the path", exitCode: 69)
        }
    }

    /// Asks, and returns the result.
    package mutating func call(
        _ verb: ControlVerb, _ arguments: [String: JSONValue] = [:]
    ) throws(ControlError) -> JSONValue {
        let bytes = try callForJSON(verb, arguments)
        do throws(JSONFlaw) { return try JSONValue(parsing: bytes) } catch {
            throw nonsense(error.reason, verb.rawValue)
        }
    }

    /// Asks, and returns the result's bytes, for a reader of its own.
    package mutating func callForJSON(
        _ verb: ControlVerb, _ arguments: [String: JSONValue] = [:]
    ) throws(ControlError) -> [UInt8] {
        try send(ControlRequest(verb, arguments))
        guard let line = try line(within: timeout) else { throw late(verb.rawValue) }
        guard line.starts(with: ControlProtocol.resultPrefix), line.last == UInt8(ascii: "}") else {
            throw refusal(line, verb.rawValue)
        }
        return Array(line[ControlProtocol.resultPrefix.count..<line.count - 1])
    }

    /// Asks for a list or a tail; `next` brings it.
    package mutating func follow(_ verb: ControlVerb, _ arguments: [String: JSONValue] = [:]) throws(ControlError) {
        try send(ControlRequest(verb, arguments))
    }

    /// The next item of a list or a tail.
    ///
    /// - Parameter limit: how long to wait for it; nil waits without end.
    package mutating func next(within limit: Duration?) throws(ControlError) -> Item {
        guard let line = try line(within: limit) else { return .quiet }
        if line.starts(with: ControlProtocol.linePrefix), line.last == UInt8(ascii: "}") {
            return .line(Array(line[ControlProtocol.linePrefix.count..<line.count - 1]))
        }
        let value = try? JSONValue(parsing: line)
        if let lost = value?["lost"]?.integer { return .lost(lost) }
        if value?["end"]?.bool == true { return .end }
        throw refusal(line, "a list")
    }

    private mutating func send(_ request: ControlRequest) throws(ControlError) {
        let bytes = request.line
        var sent = 0
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while sent < bytes.count {
            let outcome: StreamSocket.Transfer
            do throws(SystemError) { outcome = try socket.send(bytes[sent...]) } catch { outcome = .ended }
            switch outcome {
            case .bytes(let count): sent += count
            case .ended: return  // It may have said why before it closed: the reading tells.
            case .later:
                let left = clock.now.duration(to: deadline)
                guard left > .zero, socket.wait(for: .write, upTo: left) else { throw late(request.verb.rawValue) }
            }
        }
    }

    /// The next line without its end, nil if none came in time.
    private mutating func line(within limit: Duration?) throws(ControlError) -> [UInt8]? {
        let clock = ContinuousClock()
        let deadline = limit.map { clock.now + $0 }
        while true {
            if let end = input[searched...].firstIndex(of: 0x0A) {
                let line = Array(input[used..<end])
                used = end + 1
                searched = used
                return line
            }
            input.removeFirst(used)
            used = 0
            searched = input.count
            guard input.count < Self.answerLimit else { throw nonsense("a line is endless", path) }
            try receive()
            guard searched == input.count else { continue }
            let left = deadline.map { clock.now.duration(to: $0) }
            if let left, left <= .zero { return nil }
            _ = socket.wait(for: .read, upTo: left)
        }
    }

    /// Takes what waits; an ended connection is an error, for the protocol says when it is over.
    private mutating func receive() throws(ControlError) {
        let outcome: StreamSocket.Transfer
        do throws(SystemError) { outcome = try socket.receive(into: &input, limit: 1 << 16) } catch { outcome = .ended }
        guard outcome == .ended else { return }
        throw ControlError(
            .ask, path, reason: "it ended the connection", remedy: "look at systemctl status ringfenced", exitCode: 69)
    }

    private func late(_ subject: String) -> ControlError {
        ControlError(
            .ask, subject, reason: "no answer within \(timeout.components.seconds) s",
            remedy: "look at systemctl status ringfenced", exitCode: 75)
    }

    private func nonsense(_ reason: String, _ subject: String) -> ControlError {
        ControlError(
            .ask, subject, reason: "the answer is not \(ControlProtocol.name) (\(reason))",
            remedy: "install ringfence and ringfenced of one release", exitCode: 76)
    }

    /// The daemon's "no" as an error.
    private func refusal(_ line: [UInt8], _ subject: String) -> ControlError {
        guard let error = (try? JSONValue(parsing: line))?["error"], let message = error["message"]?.text else {
            return nonsense("neither a result nor an error", subject)
        }
        return ControlError(
            .refused, subject, reason: message, remedy: error["remedy"]?.text ?? "",
            exitCode: error["exitCode"]?.integer.flatMap { Int32(exactly: $0) } ?? 1)
    }
}
