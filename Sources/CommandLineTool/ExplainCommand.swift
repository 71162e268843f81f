// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Glibc
import Platform
import Profiles

/// `ringfence explain ID`: the whole story of one alert, with what its profile knows.
enum ExplainCommand: Verb {
    static let options = [OutputFormat.option] + DaemonAddress.options

    static var help: String {
        "usage: ringfence explain ID\n\nThe beginning of an id is enough if it is the only one.\n\n"
            + Usage.options(options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard let id = arguments.operands.first, arguments.operands.count == 1, arguments.command == nil else {
            throw .usage("give one alert: ringfence explain ID; ids are at the end of the lines of ringfence alerts")
        }
        let address = try DaemonAddress(arguments)
        let story = try story(id, address)
        guard try OutputFormat(arguments) == .table else {
            let value: JSONValue = ["alert": story.json, "evidence": .array(story.evidence.map { .string($0) })]
            try Terminal.output.deliver(value.bytes + [0x0A])
            return 0
        }
        let terminal = Terminal.output
        var text = ExplainRendering(color: terminal.hasColour).text(story.alert)
        if !story.evidence.isEmpty {
            text += "\n" + terminal.styled("What the profile knows", .bold) + "\n"
            text += story.evidence.map { "  \(HostileText.printable($0))\n" }.joined()
        }
        try terminal.deliver(Array(text.utf8))
        return 0
    }

    private typealias Story = (alert: Alert, json: JSONValue, evidence: [String])

    /// From the daemon, which has the newest at hand; from its files for older ones, and where it does not run.
    private static func story(_ id: String, _ address: DaemonAddress) throws(CommandFailure) -> Story {
        var address = address
        var unknown: CommandFailure?
        if !address.isStateGiven || address.socket != ControlProtocol.defaultPath {
            do throws(CommandFailure) {
                let answer = try address.ask(.explain, ["id": .string(id)])
                guard let json = answer["alert"], let alert = Alert(line: json.bytes) else {
                    throw CommandFailure("the daemon's alert is not of a format that is known here", exitCode: 76)
                }
                return (alert, json, answer.texts("evidence"))
            } catch {
                guard [66, 69, 77].contains(error.exitCode) else { throw error }
                if error.exitCode == 66 { unknown = error }
            }
            if unknown != nil, !address.isStateGiven { address = address.withState(told: true) }
        }
        let alert: Alert
        do throws(AlertsError) { alert = try AlertLog(path: address.alertsPath).find(id) } catch {
            if let unknown, error.errno == EACCES || error.errno == EPERM { throw unknown }
            throw .noInput(error.description)
        }
        let json = (try? alert.line()).flatMap { try? JSONValue(parsing: $0) } ?? .null
        return (alert, json, evidence(alert, address))
    }

    private static func evidence(_ alert: Alert, _ address: DaemonAddress) -> [String] {
        guard let key = alert.profile?.key, let profile = try? ProfileSource.stored(key, address) else { return [] }
        let bytes = (try? FileBytes.read(address.state + "/allow.json", limit: 64 << 20)) ?? []
        let allows = (try? AllowLayer.decode(bytes, from: "the allowed entries")) ?? AllowLayer()
        return profile.evidence(
            of: alert.items.compactMap(\.item.profileEntry), allows: allows, share: LearningRule().share, now: Date())
    }
}
