// SPDX-License-Identifier: Apache-2.0
import Control
import Platform

/// `ringfence trace`: every call of one container, live, in strace's manner and without ptrace.
enum TraceCommand: Verb {
    static let options: [ParsedArguments.Option] = [
        .init("--for", value: "DURATION", help: "end after so long (10s, 5m); without it Ctrl-C ends it"),
        .init("--format", value: "strace|json", help: "how calls are printed (default strace)"),
        .init("--socket", value: "PATH", help: "the daemon's control socket (default \(ControlProtocol.defaultPath))"),
        .init("--help", "-h", help: "print this"),
    ]

    static var help: String { Usage.of(.trace) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard arguments.command == nil, arguments.operands.count == 1 else {
            throw .usage("trace takes one container: ringfence trace NAME|ID")
        }
        let isJSON = try arguments.choice("--format", of: ["strace", "json"]) == "json"
        let seconds = try arguments.seconds("--for")
        let socket = try arguments.value("--socket") ?? ControlProtocol.defaultPath
        do throws(ControlError) {
            var client = try ControlClient(path: socket, timeout: .seconds(5))
            try client.follow(.trace, ["container": .string(arguments.operands[0])])
            return try print(&client, isJSON: isJSON, seconds: seconds)
        } catch { throw CommandFailure(error.description, exitCode: error.exitCode) }
    }

    private static func print(
        _ client: inout ControlClient, isJSON: Bool, seconds: Double?
    ) throws(ControlError) -> Int32 {
        let end = seconds.map { ContinuousClock.now + .milliseconds(Int64($0 * 1000)) }
        var lost: UInt64 = 0
        while end.map({ ContinuousClock.now < $0 }) ?? true {
            switch try client.next(within: end.map { $0 - .now }) {
            case .line(let bytes):
                guard !isJSON else {
                    Terminal.output.write(String(decoding: bytes, as: UTF8.self) + "\n")
                    continue
                }
                guard let value = try? JSONValue(parsing: bytes) else { continue }
                if let dropped = value["dropped"]?.integer {
                    lost += UInt64(max(0, dropped))
                } else {
                    Terminal.output.write(TracedLine.text(value) + "\n")
                }
            case .lost(let count):
                lost += UInt64(max(0, count))
                Terminal.error.line("ringfence: \(count) calls are missing here: this terminal was too slow")
            case .quiet: continue
            case .end:
                let dropped = lost == 0 ? "no call was" : "\(lost) calls were"
                Terminal.error.line("ringfence: the container has ended; \(dropped) dropped")
                return 0
            }
        }
        return 0
    }
}
