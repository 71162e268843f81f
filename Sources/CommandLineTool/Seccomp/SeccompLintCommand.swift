// SPDX-License-Identifier: Apache-2.0
import Control
import Platform
import Seccomp

/// `ringfence seccomp lint`: what is wrong with seccomp profiles.
enum SeccompLintCommand: Verb {
    static let options: [ParsedArguments.Option] =
        [
            .init("--format", value: "text|json|sarif", help: "form of the answer; SARIF is version 2.1.0"),
            .init(
                "--fail-on", value: "error|warning|note|never",
                help: "exit status 1 from this severity on; warning without"),
            .init(
                "--for-runtime", value: "NAME",
                help:
                    "whose start-up calls it must allow: runc, crun, docker, podman, containerd, systemd, any (without)"
            ),
            RuntimeOption.noNewPrivileges,
            .init("--rules", help: "list every rule with its reason and fix, and end"),
        ] + SeccompContext.options + [.init("--help", "-h", help: "this text")]

    static var help: String {
        SeccompCommand.help(
            .lint,
            """
            FILE is an OCI profile, one of Docker or Podman, or a SeccompProfile of the Security Profiles Operator.
            exit status 0 if nothing is found that --fail-on names, 1 if something is
            """, options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        if arguments.has("--rules") {
            Terminal.output.write(rules)
            return 0
        }
        guard !arguments.operands.isEmpty, arguments.command == nil else {
            throw .usage("give one seccomp profile or more: ringfence seccomp lint FILE ...")
        }
        let format = try arguments.choice("--format", of: ["text", "json", "sarif"]) ?? "text"
        let limit = try arguments.choice("--fail-on", of: ["error", "warning", "note", "never"]) ?? "warning"
        let context = try SeccompContext(arguments)
        let target = try RuntimeOption.target(arguments) ?? .any
        var files: [SARIFReport.File] = []
        for path in arguments.operands {
            let (document, capabilities) = try document(path)
            files.append(
                .init(
                    path: path,
                    findings: ProfileLint.findings(
                        document, for: try context.resolved(default: capabilities), target: target,
                        noNewPrivileges: arguments.has("--no-new-privs"))))
        }
        try deliver(files, format)
        guard let least = LintRule.Severity(rawValue: limit) else { return 0 }
        return files.contains { $0.findings.contains { $0.rule.severity >= least } } ? 1 : 0
    }

    private static func document(_ path: String) throws(CommandFailure) -> (SeccompDocument, Set<String>) {
        do throws(SeccompError) {
            if let engine = EngineDefault(name: path), !FileTree.exists(path) {
                return (try engine.document(), engine.capabilities)
            }
        } catch { throw .data(error.description) }
        return (try SeccompFile.document(path), EngineContext.dockerCapabilities)
    }

    private static func deliver(_ files: [SARIFReport.File], _ format: String) throws(CommandFailure) {
        switch format {
        case "sarif":
            let report = SARIFReport(files, toolVersion: CommandLineTool.version)
            let bytes: [UInt8]
            do throws(SeccompError) { bytes = Array(try report.encoded()) } catch { throw .data(error.description) }
            try Terminal.output.deliver(bytes)
        case "json": try Terminal.output.deliver(json(files).bytes + [0x0A])
        default:
            let text = files.flatMap { lines($0, on: .output) }.map { $0 + "\n" }.joined()
            try Terminal.output.deliver(Array(text.utf8))
        }
    }

    static func lines(_ file: SARIFReport.File, on terminal: Terminal) -> [String] {
        let path = HostileText.escaped(file.path)
        var lines: [String] = []
        var said: Set<LintRule> = []
        for finding in file.findings {
            let rule = finding.rule
            let style: Terminal.Style = rule.severity == .error ? .red : rule.severity == .warning ? .yellow : .dim
            let place = path + (finding.line.map { ":\($0)" } ?? "")
            lines.append(
                "\(place): \(terminal.styled(rule.severity.rawValue, style)) \(rule.rawValue) \(rule.name): "
                    + HostileText.printable(finding.message))
            if said.insert(rule).inserted { lines.append("    \(rule.reason) To mend it: \(rule.fix).") }
        }
        let counts = LintRule.Severity.allCases.reversed().map { severity in
            NumberText.counted(file.findings.count { $0.rule.severity == severity }, severity.rawValue)
        }
        return lines + ["\(path): \(counts.joined(separator: ", "))"]
    }

    private static func json(_ files: [SARIFReport.File]) -> JSONValue {
        let list = files.map { file -> JSONValue in
            let findings = file.findings.map { finding -> JSONValue in
                [
                    "rule": .string(finding.rule.rawValue), "name": .string(finding.rule.name),
                    "severity": .string(finding.rule.severity.rawValue), "message": .string(finding.message),
                    "line": finding.line.map { .integer(Int64($0)) } ?? .null,
                    "calls": .array(finding.calls.map { .string($0) }), "reason": .string(finding.rule.reason),
                    "fix": .string(finding.rule.fix),
                ]
            }
            return ["file": .string(HostileText.escaped(file.path)), "findings": .array(findings)]
        }
        return ["schema": "ringfence.seccomp-lint/v1", "files": .array(list)]
    }

    private static var rules: String {
        LintRule.allCases.map { rule in
            "\(rule.rawValue) \(rule.name) (\(rule.severity.rawValue))\n    \(rule.reason)\n    To mend it: \(rule.fix).\n"
        }.joined()
    }
}
