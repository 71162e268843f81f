// SPDX-License-Identifier: Apache-2.0
import Control
import Glibc
import Platform
import Synchronization
import TestSupport

/// A server on a thread of its own, as the daemon's control thread runs it, in a directory that is removed with it.
final class ControlFixture: Sendable {
    let directory: String
    var path: String { directory + "/run/control.sock" }

    private struct State {
        var commands: [@Sendable (ControlServer) -> Void] = []
        var ended = false
        var stopped = false
        var startFailure: ControlError?
        var started = false
    }
    private let state = Mutex(State())
    private let wake: EventFlag

    /// Answers every verb with its name, but `audit` with 3 lines and `alerts` with a tail; `profile.show` with `size` bytes.
    static func answer(_ request: ControlRequest, _ peer: PeerCredentials) -> ControlAnswer {
        switch request.verb {
        case .alerts: .subscription(topic: "alerts", backlog: [Array("0".utf8)])
        case .audit: .lines((1...3).map { Array(String($0).utf8) })
        case .profileShow:
            .result(.string(String(repeating: "x", count: Int(request.arguments["size"]?.integer ?? 1))))
        case .explain: .failure(ControlFailure("there is no such alert", remedy: "look again", exitCode: 66))
        default: .result(["verb": .string(request.verb.rawValue), "user": .integer(Int64(peer.user))])
        }
    }

    init(group: String? = nil, limits: ControlServer.Limits = ControlServer.Limits()) throws {
        directory = "/tmp/ringfence-control-\(UInt64.random(in: .min ... .max))"
        guard unsafe mkdir(directory, 0o755) == 0 else { throw SystemError("make", directory, errno: errno) }
        wake = try EventFlag()
        let context = unsafe Unmanaged.passRetained(ThreadStart { [self] in self.run(group: group, limits: limits) })
        var thread = pthread_t()
        // SAFETY: the thread takes over the retained closure.
        _ = unsafe pthread_create(&thread, nil, runThread, context.toOpaque())
        _ = pthread_detach(thread)
        _ = Shell.eventually { self.state.withLock { $0.started } }
        if let failure = state.withLock({ $0.startFailure }) { throw failure }
    }

    private func run(group: String?, limits: ControlServer.Limits) {
        defer { state.withLock { $0.stopped = true } }
        do {
            let server = try ControlServer(path: path, group: group, limits: limits)
            let poller = try Poller()
            try poller.add(server.descriptor, token: 1, .read)
            try poller.add(wake.descriptor, token: 2, .read)
            state.withLock { $0.started = true }
            while !state.withLock({ $0.ended }) {
                _ = try poller.wait(upTo: .milliseconds(200))
                wake.lower()
                for command in state.withLock({ state in
                    defer { state.commands = [] }
                    return state.commands
                }) { command(server) }
                server.serve(now: .now, handler: Self.answer)
            }
        } catch {
            state.withLock {
                $0.startFailure = error as? ControlError
                $0.started = true
            }
        }
    }

    /// Runs something on the server's thread and waits for it.
    func onServer<Result: Sendable>(_ body: @escaping @Sendable (ControlServer) -> Result) -> Result? {
        let result = ResultBox<Result>()
        state.withLock { $0.commands.append { server in result.value.withLock { $0 = body(server) } } }
        wake.raise()
        _ = Shell.eventually { result.value.withLock { $0 != nil } }
        return result.value.withLock { $0 }
    }

    /// Ends the thread and removes the directory.
    func stop() {
        state.withLock { $0.ended = true }
        wake.raise()
        _ = Shell.eventually { self.state.withLock { $0.stopped } }
        for name in ["/run/control.sock.lock", "/run/control.sock"] { _ = unsafe unlink(directory + name) }
        for name in ["/run", ""] { _ = unsafe rmdir(directory + name) }
    }
}

private final class ResultBox<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}

private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    // SAFETY: `context` is the retained closure given to pthread_create, taken over here.
    guard let context = unsafe context else { return nil }
    unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().body()
    return nil
}

/// A client without manners: bytes in, bytes out.
struct RawClient: ~Copyable {
    let socket: StreamSocket
    private(set) var received: [UInt8] = []

    init(_ path: String) throws {
        while true {
            do {
                socket = try StreamSocket(connecting: path)
                return
            } catch { if error.errno != EAGAIN { throw error } }
        }
    }

    /// Sends as much as is taken; stops when the other end is gone.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            switch try socket.send(bytes[sent...]) {
            case .bytes(let count): sent += count
            case .later: guard socket.wait(for: .write, upTo: .seconds(10)) else { return }
            case .ended: return
            }
        }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Reads until the other end is done, or `enough` holds for what came; false if the time passed first.
    mutating func read(seconds: Double = 20, until enough: ([UInt8]) -> Bool = { _ in false }) throws -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(seconds)
        while clock.now < deadline {
            if enough(received) { return true }
            switch try socket.receive(into: &received, limit: 1 << 16) {
            case .bytes: continue
            case .ended: return true
            case .later: _ = socket.wait(for: .read, upTo: clock.now.duration(to: deadline))
            }
        }
        return false
    }

    var text: String { String(decoding: received, as: UTF8.self) }
}
