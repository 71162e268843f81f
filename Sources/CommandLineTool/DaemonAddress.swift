// SPDX-License-Identifier: Apache-2.0
import Control
import Platform

/// Where the daemon is asked, and where its state lies: what `--socket` and `--state` say, for every verb about it.
struct DaemonAddress: Equatable {
    /// The state directory unless configured otherwise.
    static let defaultState = "/var/lib/ringfence"

    static let options: [ParsedArguments.Option] = [
        .init("--socket", value: "PATH", help: "the daemon's control socket (\(ControlProtocol.defaultPath))"),
        .init("--state", value: "DIR", help: "the daemon's state directory (\(defaultState))"),
        .init("--help", "-h", help: "this text"),
    ]

    let socket: String
    let state: String
    /// Whether the state directory was named.
    let isStateGiven: Bool

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        socket = try arguments.value("--socket") ?? ControlProtocol.defaultPath
        let given = try arguments.value("--state")
        state = given ?? Self.defaultState
        isStateGiven = given != nil
    }

    init(socket: String, state: String) {
        self.socket = socket
        self.state = state
        isStateGiven = true
    }

    /// The file that alerts are in by default.
    var alertsPath: String { state + "/alerts.jsonl" }
    var auditPath: String { state + "/audit.jsonl" }
    var profilesPath: String { state + "/profiles" }

    /// Asks the daemon, and returns its answer.
    func ask(_ verb: ControlVerb, _ arguments: [String: JSONValue] = [:]) throws(CommandFailure) -> JSONValue {
        do throws(ControlError) {
            var client = try ControlClient(path: socket, timeout: .seconds(30))
            return try client.call(verb, arguments)
        } catch { throw CommandFailure(error) }
    }

    /// The same, as the bytes that came.
    func askForBytes(_ verb: ControlVerb, _ arguments: [String: JSONValue] = [:]) throws(CommandFailure) -> [UInt8] {
        do throws(ControlError) {
            var client = try ControlClient(path: socket, timeout: .seconds(30))
            return try client.callForJSON(verb, arguments)
        } catch { throw CommandFailure(error) }
    }

    private func following(
        _ verb: ControlVerb, _ arguments: [String: JSONValue]
    ) throws(CommandFailure) -> ControlClient {
        do throws(ControlError) {
            var client = try ControlClient(path: socket, timeout: .seconds(30))
            try client.follow(verb, arguments)
            return client
        } catch { throw CommandFailure(error) }
    }

    /// Asks for a list, or follows; `body` gets each line and returns false to stop.
    func list(
        _ verb: ControlVerb, _ arguments: [String: JSONValue], _ body: ([UInt8]) throws(CommandFailure) -> Bool
    ) throws(CommandFailure) {
        var client = try following(verb, arguments)
        while true {
            let item: ControlClient.Item
            do throws(ControlError) { item = try client.next(within: nil) } catch { throw CommandFailure(error) }
            switch item {
            case .line(let line): if try !body(line) { return }
            case .lost(let count):
                Terminal.error.line("ringfence: \(NumberText.counted(count, "line")) came too fast and were lost")
            case .quiet: continue
            case .end: return
            }
        }
    }
}

extension CommandFailure {
    /// The daemon cannot be asked, or says no.
    init(_ error: ControlError) { self.init(error.description, exitCode: error.exitCode) }

    /// Whether nobody listens on the socket.
    var isNoDaemon: Bool { exitCode == 69 }
}
