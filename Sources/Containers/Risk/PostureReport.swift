// SPDX-License-Identifier: Apache-2.0
package import Events

/// The posture of one container as it is shown: every question with its answer, what was granted and not used, and the
/// risk with its parts. The form of `containers --explain --format json`.
package struct PostureReport: Equatable, Sendable, Codable {
    /// A question and its answer.
    package struct Fact: Equatable, Sendable, Codable {
        package let question: PostureQuestion
        /// False if the answer, or a part of it, is missing.
        package let isKnown: Bool
        /// For people; "not known" where nothing is.
        package let answer: String
    }

    /// Where it was read.
    package let source: Posture.Source
    /// Every question, in the order in which they are shown.
    package let facts: [Fact]
    /// Names of what is granted; nil if that is not known.
    package let capabilities: [String]?
    /// Those of them that it never used; nil if that is not known.
    package let capabilitiesUnused: [String]?
    /// Why that is not known; nil if it is.
    package let capabilitiesNote: String?
    /// How much harm it could do, with what each part adds.
    package let risk: RiskScore
    /// Why something is not known, a sentence each; escaped.
    package let notes: [String]

    /// What is to be shown of a posture. `capabilitiesUsed` is what the profile has recorded; nil where it has not.
    package init(_ posture: Posture, risk: RiskScore, capabilitiesUsed: CapabilitySet? = nil) {
        source = posture.source
        facts = PostureQuestion.allCases.map { question in
            Fact(
                question: question, isKnown: !question.isUnknown(posture),
                answer: question.answer(posture) ?? "not known")
        }
        capabilities = posture.capabilities?.names
        if let granted = posture.capabilities, let capabilitiesUsed {
            capabilitiesUnused = granted.subtracting(capabilitiesUsed).names
            capabilitiesNote = nil
        } else {
            capabilitiesUnused = nil
            capabilitiesNote =
                posture.capabilities == nil
                ? "what is granted is not known" : "use is not recorded, or the kernel offers no tracepoint for it"
        }
        self.risk = risk
        notes = posture.notes
    }
}
