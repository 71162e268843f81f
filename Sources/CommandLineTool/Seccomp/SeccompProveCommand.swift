// SPDX-License-Identifier: Apache-2.0
import Control
import Events
import Platform
import Seccomp

/// `ringfence seccomp prove`: compiles profiles, and compares what the filters answer with what the files say.
enum SeccompProveCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--all", help: "name every call of every answer"),
            OutputFormat.option,
        ] + SeccompContext.options + [.init("--help", "-h", help: "this text")]

    static var help: String {
        SeccompCommand.help(
            .prove,
            """
            The filter is made in the forms that runc, crun and Docker 20.10 give the kernel, and run in process for every
            number of every architecture, and for calls with conditions for all values that could tell two filters apart.
            exit status 0 if every answer is what the file says, 1 if one is not
            """, options)
    }

    /// A file and what came of it.
    private struct Proved {
        let operand: SeccompOperand
        let proof: FilterProof
        let table: VerdictTable
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard !arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("give one seccomp profile or more: ringfence seccomp prove FILE ...")
        }
        let context = try SeccompContext(arguments)
        let format = try OutputFormat(arguments)
        var proved: [Proved] = []
        for word in arguments.operands {
            let operand = try SeccompOperand(word, context, nil)
            _ = try operand.document()
            operand.warn()
            let proof: FilterProof
            let machine = operand.profile.machine
            do throws(SeccompError) {
                proof = try FilterProof(of: operand.profile, machine: machine, subject: operand.name)
            } catch { throw .data(error.description) }
            proved.append(
                Proved(operand: operand, proof: proof, table: VerdictTable(operand.profile, machine: machine)))
        }
        let answer: JSONValue = [
            "schema": "ringfence.seccomp-prove/v1", "libseccomp": .string(CallCatalog.libraryVersion),
            "files": .array(proved.map(json)),
        ]
        try format.deliver(answer) { proved.flatMap { lines($0, all: arguments.has("--all")) } }
        return proved.allSatisfy { $0.proof.mismatch == nil } ? 0 : 1
    }

    private static func lines(_ proved: Proved, all: Bool) -> [String] {
        let (proof, table) = (proved.proof, proved.table)
        let forms = proof.instructions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let terminal = Terminal.output
        var lines = [
            proof.mismatch.map {
                "\(proved.operand.name): \(terminal.styled("not proved", .red)): \(HostileText.printable($0))"
            }
                ?? "\(proved.operand.name): \(terminal.styled("proved", .green)) over \(NumberText.grouped(proof.comparisons)) cases"
        ]
        lines.append(
            "instructions: \(forms.joined(separator: ", ")); compiled by libseccomp \(CallCatalog.libraryVersion)")
        for architecture in table.architectures {
            lines.append("\(architecture.abi.name(on: architecture.machine)):")
            for row in table.rows {
                guard let calls = row.calls[architecture] else { continue }
                lines += WrappedNames.lines(
                    "  \(row.answer), \(NumberText.counted(calls.count, "call")): ", calls.sorted(),
                    limit: all ? nil : 8)
            }
        }
        lines.append("a number that no kernel has: \(table.unknownNumber.shortText)")
        lines.append("calls of other architectures: \(table.otherArchitecture.shortText)")
        return lines
    }

    private static func json(_ proved: Proved) -> JSONValue {
        let (proof, table) = (proved.proof, proved.table)
        var verdicts: [String: JSONValue] = [:]
        for architecture in table.architectures {
            var answers: [String: JSONValue] = [:]
            for row in table.rows {
                answers[row.answer] = row.calls[architecture].map { .array($0.sorted().map { .string($0) }) }
            }
            verdicts[architecture.abi.name(on: architecture.machine)] = .object(answers)
        }
        return [
            "file": .string(proved.operand.name), "proved": .bool(proof.mismatch == nil),
            "mismatch": proof.mismatch.map { .string($0) } ?? .null, "cases": .integer(Int64(proof.comparisons)),
            "instructions": .object(proof.instructions.mapValues { .integer(Int64($0)) }),
            "verdicts": .object(verdicts),
            "unknownNumber": .string(table.unknownNumber.shortText),
            "otherArchitecture": .string(table.otherArchitecture.shortText),
            "ignored": .array(proved.operand.ignored.map { .string($0) }),
        ]
    }
}
