// SPDX-License-Identifier: Apache-2.0
import Control
import Platform
import Profiles
import Seccomp

/// `ringfence seccomp simulate`: what a profile would have denied of what was recorded.
enum SeccompSimulateCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--against", value: "PROFILE", help: "the behaviour profile: a file, or a key of the daemon's"),
            OutputFormat.option,
        ] + SeccompContext.options + DaemonAddress.options

    static var help: String {
        SeccompCommand.help(
            .simulate,
            """
            Judged is what ran under a filter, or would have: the workload, exec sessions, and the runtime once the filter is
            active. Nothing is executed. Attempts that were refused while recording are not among it.
            exit status 0 if nothing but intended fallbacks would have been denied, 1 if something would
            """, options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard let word = arguments.operands.first, arguments.operands.count == 1, arguments.command == nil,
            let against = try arguments.value("--against")
        else { throw .usage("give both: ringfence seccomp simulate FILE --against PROFILE") }
        let address = try DaemonAddress(arguments)
        let operand = try SeccompOperand(word, try SeccompContext(arguments), address)
        _ = try operand.document()
        operand.warn()
        let behaviour = try ProfileSource.load(against, address)
        let simulation = Simulation(operand.profile, against: behaviour)
        let format = try OutputFormat(arguments)
        try format.deliver(json(simulation, operand)) {
            lines(simulation, operand.name, HostileText.escaped(against), on: .output)
        }
        return simulation.denials(.denied).isEmpty ? 0 : 1
    }

    private static func lines(
        _ simulation: Simulation, _ name: String, _ against: String, on terminal: Terminal
    ) -> [String] {
        var lines = simulation.denials.map { denial in
            let head =
                switch denial.kind {
                case .denied: terminal.styled("denied: ", .red)
                case .fallback: "fallback, as intended: "
                case .undecided: terminal.styled("undecided: ", .yellow)
                }
            let values = denial.values.isEmpty ? "" : "(" + denial.values.joined(separator: ", ") + ")"
            let text = denial.kind == .undecided ? ": \(denial.answer)" : " with \(denial.answer)"
            return "\(head)\(denial.call)\(values) (\(denial.abi), \(denial.phases.joined(separator: ", ")))\(text), "
                + "by \(ExecutableText.list(denial.executables, limit: 4))"
        }
        let denied = simulation.denials(.denied).count
        lines.append(
            denied == 0
                ? terminal.styled("\(name) would have denied nothing of \(against)", .green)
                    + " (\(NumberText.counted(simulation.uses, "use")) judged)"
                : terminal.styled("\(name) would have denied \(NumberText.counted(denied, "use")) of \(against)", .red)
                    + " (of \(simulation.uses))")
        return lines
    }

    private static func json(_ simulation: Simulation, _ operand: SeccompOperand) -> JSONValue {
        func list(_ kind: Simulation.Kind) -> JSONValue {
            .array(
                simulation.denials(kind).map { denial in
                    [
                        "call": .string(denial.call), "abi": .string(denial.abi), "answer": .string(denial.answer),
                        "values": .array(denial.values.map { .string($0) }),
                        "phases": .array(denial.phases.map { .string($0) }), "runs": .integer(Int64(denial.runs)),
                        "executables": ExecutableText.json(denial.executables),
                    ]
                })
        }
        return [
            "schema": "ringfence.seccomp-simulate/v1", "uses": .integer(Int64(simulation.uses)),
            "denied": list(.denied),
            "fallbacks": list(.fallback), "undecided": list(.undecided),
            "ignored": .array(operand.ignored.map { .string($0) }),
        ]
    }
}
