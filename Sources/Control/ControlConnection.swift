// SPDX-License-Identifier: Apache-2.0
import Platform

/// One client of the control socket. The server's thread alone touches it.
final class ControlConnection {
    let socket: StreamSocket
    let peer: PeerCredentials
    /// The request that started a tail, its topic and what waits; nil before.
    private(set) var tail: (topic: String, request: ControlRequest, queue: TailQueue)?

    private var input: [UInt8] = []
    /// Bytes of `input` that hold no line end for sure: a long line is searched once.
    private var searched = 0
    private var output: [UInt8] = []
    private var sent = 0
    /// What is left of a long list: the line that goes next.
    private var list: (lines: [[UInt8]], next: Int)?
    /// Whether a complete request waits for another turn: one client must not take all of the thread's time.
    private(set) var waitsForTurn = false
    /// The server's turn that it was served in last.
    var lastTurn: UInt64 = 0
    /// Requests that are answered in one turn.
    private static let requestsPerTurn = 8
    /// Nothing more will be read: the client ended its side, or the connection closes after what is written.
    private var inputEnded = false
    private var closesWhenDrained = false
    /// The connection is to be closed now.
    private(set) var isDead = false
    /// When the last request was complete or the client last took something.
    private(set) var lastProgress: ContinuousClock.Instant

    init(_ socket: consuming StreamSocket, peer: PeerCredentials, now: ContinuousClock.Instant) {
        self.socket = socket
        self.peer = peer
        lastProgress = now
    }

    /// What the poll has to watch for.
    var interest: Poller.Interest {
        var interest: Poller.Interest = []
        if sent < output.count { interest.insert(.write) }
        if mayRead { interest.insert(.read) }
        return interest
    }

    /// A client that does not take its answers gets no further ones.
    private var mayRead: Bool {
        !inputEnded && !closesWhenDrained && !waitsForTurn && tail == nil && list == nil && sent >= output.count
    }

    /// Whether the idle limit holds for it: a tail may be quiet for ever.
    var mayIdle: Bool { tail != nil && !closesWhenDrained }

    /// Reads what waits and takes the requests that are complete.
    func read(limits: ControlServer.Limits, now: ContinuousClock.Instant, answer: (ControlRequest) -> ControlAnswer) {
        guard mayRead else { return }
        do throws(SystemError) {
            switch try socket.receive(into: &input, limit: limits.lineBytes) {
            case .bytes, .later: break
            case .ended: inputEnded = true
            }
        } catch {
            isDead = true
            return
        }
        process(limits: limits, now: now, answer: answer)
    }

    /// Takes complete requests as long as their answers go out at once, some in a turn.
    func process(limits: ControlServer.Limits, now: ContinuousClock.Instant, answer: (ControlRequest) -> ControlAnswer)
    {
        waitsForTurn = false
        var taken = 0
        while !isDead, !closesWhenDrained, tail == nil, list == nil, sent >= output.count {
            guard let end = input[searched...].firstIndex(of: 0x0A) else {
                searched = input.count
                break
            }
            guard taken < Self.requestsPerTurn else {
                waitsForTurn = true
                break
            }
            taken += 1
            let line = Array(input[..<end])
            input.removeSubrange(...end)
            searched = 0
            lastProgress = now
            if line.count > limits.lineBytes {
                refuseLongLine(limits)
            } else if line.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) {
                do throws(ControlFailure) {
                    let request = try ControlRequest(line: line)
                    take(answer(request), of: request, limits: limits)
                } catch { refuse(error) }
            }
            flush(now: now)
        }
        if tail == nil, input.count > limits.lineBytes, !input.contains(0x0A) {
            refuseLongLine(limits)
            flush(now: now)
        }
        if inputEnded, tail == nil, list == nil, !input.contains(0x0A) { closesWhenDrained = true }
        if closesWhenDrained, sent >= output.count { isDead = true }
    }

    private func refuseLongLine(_ limits: ControlServer.Limits) {
        refuse(ControlFailure("the request is longer than \(limits.lineBytes) bytes", exitCode: 76))
    }

    /// A client that talks nonsense is told so and let go: the rest of its bytes cannot be trusted either.
    func refuse(_ failure: ControlFailure) {
        output.append(contentsOf: ControlProtocol.failure(failure))
        input = []
        searched = 0
        closesWhenDrained = true
    }

    private func take(_ answer: ControlAnswer, of request: ControlRequest, limits: ControlServer.Limits) {
        switch answer {
        case .result(let value): write(ControlProtocol.framed(ControlProtocol.resultPrefix, value.bytes), limits)
        case .json(let bytes): write(ControlProtocol.framed(ControlProtocol.resultPrefix, bytes), limits)
        case .failure(let failure): output.append(contentsOf: ControlProtocol.failure(failure))
        case .lines(let lines): list = (lines, 0)
        case .subscription(let topic, let backlog):
            var queue = TailQueue(lines: limits.tailLines, bytes: limits.tailBytes)
            for line in backlog { queue.push(ControlProtocol.framed(ControlProtocol.linePrefix, line)) }
            tail = (topic, request, queue)
            input = []
            searched = 0
        }
    }

    private func write(_ line: [UInt8], _ limits: ControlServer.Limits) {
        guard line.count <= limits.answerBytes else {
            let failure = ControlFailure("the answer is longer than \(limits.answerBytes) bytes", exitCode: 75)
            output.append(contentsOf: ControlProtocol.failure(failure))
            return
        }
        output.append(contentsOf: line)
    }

    /// Queues a framed line for a tail. Nothing is sent before `flush`.
    func push(_ line: [UInt8]) { tail?.queue.push(line) }

    /// The client is gone.
    func abandon() { isDead = true }

    /// Ends a tail after what waits for it.
    func endTail() {
        guard tail != nil else { return }
        closesWhenDrained = true
    }

    /// Sends what the socket takes, in chunks, so that what is not sent yet can still be lost for newer lines.
    func flush(now: ContinuousClock.Instant) {
        while !isDead {
            if sent >= output.count { stage() }
            if sent >= output.count { break }
            do throws(SystemError) {
                switch try socket.send(output[sent...]) {
                case .bytes(let count):
                    sent += count
                    lastProgress = now
                case .later: return
                case .ended: isDead = true
                }
            } catch { isDead = true }
        }
        if closesWhenDrained, sent >= output.count { isDead = true }
    }

    /// Moves the next lines to the output, which is empty.
    private func stage() {
        let chunk = 1 << 15
        output.removeAll(keepingCapacity: output.capacity <= chunk * 4)
        sent = 0
        if let (lines, start) = list {
            var next = start
            while next < lines.count, output.count < chunk {
                output.append(contentsOf: ControlProtocol.framed(ControlProtocol.linePrefix, lines[next]))
                next += 1
            }
            list = (lines, next)
            if next == lines.count {
                output.append(contentsOf: ControlProtocol.end)
                list = nil
            }
        } else if tail != nil {
            tail?.queue.move(to: &output, limit: chunk)
            if output.isEmpty, closesWhenDrained {
                output.append(contentsOf: ControlProtocol.end)
                tail = nil
            }
        }
    }
}
