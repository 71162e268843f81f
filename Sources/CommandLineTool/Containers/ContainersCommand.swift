// SPDX-License-Identifier: Apache-2.0
import Control

/// `ringfence containers`: what is watched, how much harm it could do, and what is meant to run.
enum ContainersCommand {
    static let options: [ParsedArguments.Option] =
        [
            .init("--explain", help: "the whole posture of CONTAINER, and what its risk score is made of"),
            .init("--max-risk", value: "N", help: "exit status 1 if a container's risk score is above N, 0 to 100"),
            .init("--approve", help: "containers of these keys, or of all that run, are meant to run"),
            .init("--disapprove", help: "those of these keys are not"),
            .init("--all", help: "with --disapprove: nobody keeps an inventory any more"),
            .init("--inventory", help: "the keys that are approved, and what runs that is not"),
            .init("--reason", value: "TEXT", help: "why, for the inventory and the audit"),
            OutputFormat.option,
        ] + DaemonAddress.options

    static var help: String {
        """
        usage: ringfence containers [CONTAINER] [--max-risk N] [--format table|json]
               ringfence containers --explain CONTAINER [--format table|json]
               ringfence containers --approve [KEY ...] [--reason TEXT]
               ringfence containers --disapprove (KEY ... | --all) [--reason TEXT]
               ringfence containers --inventory [--format table|json]

        What is watched now: name, engine, image, the profile's key and state, the risk score and when it was started.
        Where no daemon runs, the engines' own state is read instead, and what profiles know is missing.

        The risk score, 0 to 100, is the sum of what the container's posture adds, as profiles/risk-weights.conf has it,
        and what its profile has learned; --explain shows the parts. What is not known counts, too.

        Once something is approved, every container of another key raises one alert, unexpected-container. A KEY may be
        the name of a container that runs.

        exit status: 1 if --max-risk finds one above N


        """ + Usage.options(options)
    }

    static func run(_ words: [String]) throws(CommandFailure) -> Int32 {
        let arguments = try ParsedArguments(words, options: options)
        if arguments.has("--help") {
            Terminal.output.write(help)
            return 0
        }
        let tasks = ["--explain", "--approve", "--disapprove", "--inventory"].filter { arguments.has($0) }
        guard tasks.count <= 1, arguments.command == nil else {
            throw .usage(
                "give one of --explain, --approve, --disapprove and --inventory; see ringfence containers --help")
        }
        let changes = tasks.first == "--approve" || tasks.first == "--disapprove"
        let limit = try maximum(arguments)
        guard limit == nil || tasks.isEmpty || tasks == ["--explain"] else {
            throw .usage("--max-risk goes with the list and with --explain")
        }
        guard arguments.has("--all") == false || tasks.first == "--disapprove" else {
            throw .usage("--all goes with --disapprove")
        }
        guard try arguments.value("--reason") == nil || changes else {
            throw .usage("--reason goes with --approve and --disapprove")
        }
        switch tasks.first {
        case "--approve": return try InventoryTask.approve(arguments)
        case "--disapprove": return try InventoryTask.disapprove(arguments)
        case "--inventory": return try InventoryTask.show(arguments)
        default: return try look(arguments, explains: tasks.first == "--explain", limit)
        }
    }

    private static func look(
        _ arguments: ParsedArguments, explains: Bool, _ limit: Int64?
    ) throws(CommandFailure) -> Int32 {
        guard arguments.operands.count <= 1, !explains || arguments.operands.count == 1 else {
            throw .usage(
                explains
                    ? "name one container: ringfence containers --explain CONTAINER"
                    : "usage: ringfence containers [CONTAINER]; see --help")
        }
        let format = try OutputFormat(arguments)
        let answer = try ContainerSource(DaemonAddress(arguments)).containers(arguments.operands.first)
        let containers = answer.elements ?? []
        try format.deliver(answer) {
            explains ? containers.flatMap(PostureText.lines) : ContainerText.lines(containers)
        }
        guard let limit else { return 0 }
        let above = containers.filter { $0.count("risk") > limit }
        for container in above {
            Terminal.error.line(
                "ringfence: the risk of \(container.string("name")) is \(container.count("risk")), above \(limit)")
        }
        return above.isEmpty ? 0 : 1
    }

    private static func maximum(_ arguments: ParsedArguments) throws(CommandFailure) -> Int64? {
        guard let text = try arguments.value("--max-risk") else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(text), number <= 100 else {
            throw .usage("--max-risk is '\(text)', but must be a number from 0 to 100")
        }
        return number
    }
}
