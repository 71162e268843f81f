// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// Findings as a log of the Static Analysis Results Interchange Format, version 2.1.0 (OASIS standard).
package struct SARIFReport: Encodable, Sendable {
    /// A file and what was found in it.
    package struct File: Sendable {
        /// As it was named; relative paths stay relative.
        package let path: String
        package let findings: [LintFinding]

        package init(path: String, findings: [LintFinding]) {
            self.path = path
            self.findings = findings
        }
    }

    private struct Message: Encodable { let text: String }
    private struct Configuration: Encodable { let level: String }
    private struct Rule: Encodable {
        let id: String
        let name: String
        let shortDescription: Message
        let fullDescription: Message
        let help: Message
        let defaultConfiguration: Configuration
    }
    private struct Driver: Encodable {
        let name: String
        let version: String
        let rules: [Rule]
    }
    private struct Tool: Encodable { let driver: Driver }
    private struct Artifact: Encodable { let uri: String }
    private struct Region: Encodable { let startLine: Int }
    private struct Physical: Encodable {
        let artifactLocation: Artifact
        let region: Region
    }
    private struct Location: Encodable { let physicalLocation: Physical }
    private struct Result: Encodable {
        let ruleId: String
        let ruleIndex: Int
        let level: String
        let message: Message
        let locations: [Location]
    }
    private struct Run: Encodable {
        let tool: Tool
        let results: [Result]
        let columnKind: String
    }
    private enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    private let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    private let version = "2.1.0"
    private let runs: [Run]

    /// One run over `files` by this tool in its version.
    package init(_ files: [File], toolVersion: String) {
        let rules = LintRule.allCases
        let results = files.flatMap { file in
            file.findings.map { finding in
                Result(
                    ruleId: finding.rule.rawValue, ruleIndex: rules.firstIndex(of: finding.rule) ?? 0,
                    level: finding.rule.severity.rawValue,
                    message: Message(
                        text: "\(finding.message). \(finding.rule.reason) To mend it: \(finding.rule.fix)."),
                    locations: [
                        Location(
                            physicalLocation: Physical(
                                artifactLocation: Artifact(uri: Self.uri(file.path)),
                                region: Region(startLine: finding.line ?? 1)))
                    ])
            }
        }
        let described = rules.map { rule in
            Rule(
                id: rule.rawValue, name: rule.name, shortDescription: Message(text: rule.name),
                fullDescription: Message(text: rule.reason), help: Message(text: "To mend it: \(rule.fix)."),
                defaultConfiguration: Configuration(level: rule.severity.rawValue))
        }
        runs = [
            Run(
                tool: Tool(driver: Driver(name: "ringfence", version: toolVersion, rules: described)), results: results,
                columnKind: "utf16CodeUnits")
        ]
    }

    /// A path as a URI reference, RFC 3986: everything but unreserved characters and slashes is percent-encoded.
    static func uri(_ path: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        let encoded = path.utf8.reduce(into: "") { text, byte in
            if plain.contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return path.hasPrefix("/") ? "file://" + encoded : encoded
    }

    /// The log as a file.
    package func encoded() throws(SeccompError) -> Data { try JSONOutput.encode(self, subject: "the SARIF log") }
}
