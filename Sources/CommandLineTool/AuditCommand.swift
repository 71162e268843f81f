// SPDX-License-Identifier: Apache-2.0
import Alerts
import Control
import FoundationEssentials
import Glibc
import Platform

/// `ringfence audit`: who did what to the watching, and whether that record is whole.
enum AuditCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--since", value: "TIME", help: "only what is not older: 90s, 30m, 1h, 7d"),
            .init("--verify", help: "check every record; exit status 1 if one was changed or is missing"),
            OutputFormat.option,
        ] + DaemonAddress.options

    static var help: String { "usage: ringfence audit [--since TIME] [--verify]\n\n" + Usage.options(options) }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("ringfence audit takes options only; see --help")
        }
        var address = try DaemonAddress(arguments)
        if !address.isStateGiven, !FileTree.exists(address.auditPath) { address = address.withState(told: true) }
        let since = try AlertQuery.seconds(arguments, "--since")
        let isJSON = try OutputFormat(arguments) == .json
        return arguments.has("--verify")
            ? try verify(address, isJSON: isJSON) : try list(address, since, isJSON: isJSON)
    }

    private static func verify(_ address: DaemonAddress, isJSON: Bool) throws(CommandFailure) -> Int32 {
        let answer: JSONValue
        do throws(AlertsError) {
            let found = try AuditVerification(path: address.auditPath)
            answer = [
                "records": .integer(Int64(clamping: found.records)), "isIntact": .bool(found.isIntact),
                "repairs": .integer(Int64(found.repairs)),
                "flaw": found.firstFlaw.map { .string($0.description) } ?? .null,
                "missingTail": found.missingTail.map { .string($0) } ?? .null,
            ]
        } catch {
            guard error.errno == EACCES || error.errno == EPERM else { throw .noInput(error.description) }
            // Says who can.
            answer = try address.ask(.audit, ["verify": true])
        }
        if isJSON {
            try Terminal.output.deliver(answer.bytes + [0x0A])
        } else {
            for line in verdict(answer) { Terminal.output.line(HostileText.printable(line)) }
        }
        return answer.flag("isIntact") ? 0 : 1
    }

    /// What a verification found, for people.
    static func verdict(_ answer: JSONValue) -> [String] {
        let records = NumberText.counted(answer.count("records"), "record")
        var lines = [
            answer.flag("isIntact") ? "the audit is whole: \(records)" : "the audit is NOT whole: \(records) are"
        ]
        if !answer.string("flaw").isEmpty { lines.append("changed: \(answer.string("flaw"))") }
        if !answer.string("missingTail").isEmpty { lines.append("missing at the end: \(answer.string("missingTail"))") }
        if answer.count("repairs") > 0 {
            lines.append(
                "\(NumberText.counted(answer.count("repairs"), "line")) were cut by a crash, and accounted for")
        }
        return lines
    }

    private static func list(
        _ address: DaemonAddress, _ since: Double?, isJSON: Bool
    ) throws(CommandFailure) -> Int32 {
        let after = since.map {
            WallTime(milliseconds: Int64(max(-6e13, (Date().timeIntervalSince1970 - $0) * 1000)))
        }
        func show(_ record: AuditRecord) {
            if isJSON {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                guard let data = try? encoder.encode(record) else { return }
                Terminal.output.line(String(decoding: data, as: UTF8.self))
            } else {
                Terminal.output.line(HostileText.printable(line(record)))
            }
        }
        do throws(AlertsError) {
            let found = try AuditVerification(path: address.auditPath) { record in
                if after.map({ record.time >= $0 }) ?? true { show(record) }
            }
            guard !found.isIntact else { return 0 }
            Terminal.error.line("ringfence: the audit is not whole; see ringfence audit --verify")
            return 1
        } catch {
            guard error.errno == EACCES || error.errno == EPERM else { throw .noInput(error.description) }
        }
        var isFirst = true
        try address.list(.audit, [:]) { bytes throws(CommandFailure) in
            guard let record = try? JSONDecoder().decode(AuditRecord.self, from: Data(bytes)) else { return true }
            // The daemon gives the end of it; who asks for more than that is told.
            if isFirst, record.sequence > 1, after.map({ record.time >= $0 }) ?? true {
                Terminal.error.line("ringfence: older records are left out; run as root to see them")
            }
            isFirst = false
            if after.map({ record.time >= $0 }) ?? true { show(record) }
            return true
        }
        return 0
    }

    /// One record for people: time (UTC), who, what, to what, why.
    static func line(_ record: AuditRecord) -> String {
        let who = record.actor.map { UserIdentity(String($0))?.name ?? String($0) } ?? "-"
        return "\(record.time.date) \(record.time.time.prefix(8)) \(who) \(record.verb) \(record.subject)"
            + (record.reason.isEmpty ? "" : ": \(record.reason)")
    }
}

extension DaemonAddress {
    /// The same with the state directory that the daemon says it has, if it can be asked.
    func withState(told: Bool) -> DaemonAddress {
        guard told, let state = try? ask(.ping).string("state"), !state.isEmpty else { return self }
        return DaemonAddress(socket: socket, state: state)
    }
}
