// SPDX-License-Identifier: Apache-2.0

/// What is looked for in seccomp profiles. Raw values are ids, which never change their meaning.
package enum LintRule: String, CaseIterable, Sendable {
    case conditionalField = "RF101"
    case unknownKey = "RF102"
    case rejectedByRuntimes = "RF103"
    case numberWithoutUse = "RF104"
    case unknownCall = "RF105"
    case alternativeConditions = "RF201"
    case ambiguousActions = "RF202"
    case redundantRule = "RF203"
    case miscompiled = "RF204"
    case permissiveDefault = "RF301"
    case killingDefault = "RF302"
    case deniesUnknownWithEPERM = "RF303"
    case defaultNumberDropped = "RF304"
    case clone3 = "RF305"
    case fallbackDenied = "RF306"
    case missingAlways = "RF307"
    case missingRuntimeNeeds = "RF308"
    case neverCall = "RF401"
    case unjustifiedCall = "RF402"
    case namespacesThroughClone = "RF403"
    case socketFamilies = "RF404"
    case notableCall = "RF405"
    case rangeComparison = "RF501"
    case highBits = "RF502"
    case hotCallArguments = "RF503"
    case multiplexer = "RF504"
    case noArchitecture = "RF601"
    case foreignArchitecture = "RF602"
    case x32 = "RF603"
    case compatOpensNative = "RF604"

    /// How much it matters. The raw values are SARIF's levels.
    package enum Severity: String, Sendable, CaseIterable, Comparable {
        case note, warning, error

        package static func < (left: Severity, right: Severity) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    /// `conditional-field`, for people.
    package var name: String { text.name }
    package var severity: Severity { text.severity }
    /// Why it is wrong, in a sentence or two.
    package var reason: String { text.reason }
    /// What to do about it.
    package var fix: String { text.fix }
}
