// SPDX-License-Identifier: Apache-2.0
internal import Platform

/// One thing that is wrong with a seccomp profile.
package struct LintFinding: Equatable, Sendable {
    package let rule: LintRule
    /// In the file, from 1; nil where it is about the whole.
    package internal(set) var line: Int?
    /// What was found, on one line, escaped.
    package let message: String
    /// The calls that it is about, escaped and sorted.
    package let calls: [String]

    init(_ rule: LintRule, line: Int?, _ message: String, calls: [String]) {
        self.rule = rule
        self.line = line
        self.message = message
        self.calls = Set(calls.map { HostileText.escaped($0) }).sorted()
    }

    /// Whether what it is about goes into no profile that is made of the file.
    var isIgnored: Bool { rule == .rejectedByRuntimes || rule == .unknownKey || rule == .numberWithoutUse }
}
