// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials

/// Keeps the users of a profile few: who has had many may have any, but never root, and no capability stands for another.
/// What comes out depends on the entries that went in alone, and not on their order.
package enum CredentialEntries {
    /// More users than this, root not counted, become any user but root: a service has a few, and only what runs each job as
    /// a user of its own has ever new ones, of which none is news. One container's kernel table holds 64.
    package static let userLimit = 16

    /// `credentials` with users as any user where there is that entry already or there are too many of them. Phases are kept
    /// apart, and so are user namespaces: an exec session's users never generalise the workload's.
    ///
    /// - Parameter refused: entries that people took out: where any user is one, those that were first stay instead.
    package static func bounded(
        _ credentials: [String: CallEvidence], refused: Set<String> = []
    ) -> [String: CallEvidence] {
        var bounded = credentials
        for isInner in [false, true] {
            let any = CredentialName(.anyUser, isInUserNamespace: isInner).text
            for phase in Set(credentials.values.flatMap(\.phases.keys)) {
                let users = credentials.filter { text, evidence in
                    evidence.phases[phase] != nil && CredentialName(text)?.asAnyUser?.text == any
                }
                let isKnown = credentials[any]?.phases[phase] != nil
                guard users.count > userLimit || isKnown && !users.isEmpty else { continue }
                guard !refused.contains(ProfileEntry.credential(any)) else {
                    let order = users.sorted { precedes($0, $1, phase) }
                    for (text, _) in order.dropFirst(userLimit) { bounded.drop(text, phase) }
                    continue
                }
                for (text, evidence) in users {
                    guard let use = evidence.phases[phase] else { continue }
                    bounded.drop(text, phase)
                    bounded.add(use, phase, to: any)
                }
            }
        }
        return bounded
    }

    /// The same of what one run had, whatever is folded of it.
    package static func bounded(ofOneRun credentials: [String: CallEvidence]) -> [String: CallEvidence] {
        counted(once: bounded(credentials))
    }

    /// `observation`, of one run, with users that `known` has any user for under that entry's name: they are no news.
    static func under(
        _ known: [String: CallEvidence]?, _ observation: [String: CallEvidence]
    ) -> [String: CallEvidence] {
        guard let known else { return counted(once: observation) }
        var renamed: [String: CallEvidence] = [:]
        for (text, evidence) in observation {
            for (phase, use) in evidence.phases {
                let any = CredentialName(text)?.asAnyUser?.text
                let isWider = known[text]?.phases[phase] == nil && any.map { known[$0]?.phases[phase] != nil } ?? false
                renamed.add(use, phase, to: isWider ? any ?? text : text)
            }
        }
        return counted(once: renamed)
    }

    private static func counted(once credentials: [String: CallEvidence]) -> [String: CallEvidence] {
        credentials.mapValues { evidence in
            var once = evidence
            for phase in evidence.phases.keys { once.phases[phase]?.runs = 1 }
            return once
        }
    }

    /// Smaller is kept first.
    private static func precedes(
        _ one: (key: String, value: CallEvidence), _ other: (key: String, value: CallEvidence), _ phase: String
    ) -> Bool {
        let (left, right) = (one.value.phases[phase]?.first, other.value.phases[phase]?.first)
        return left != right ? left ?? .distantFuture < right ?? .distantFuture : one.key < other.key
    }
}

extension [String: CallEvidence] {
    fileprivate mutating func drop(_ text: String, _ phase: String) {
        self[text]?.phases[phase] = nil
        if self[text]?.phases.isEmpty == true { self[text] = nil }
    }

    fileprivate mutating func add(_ use: PhaseEvidence, _ phase: String, to text: String) {
        let own = CallEvidence(phases: [phase: use])
        self[text] = self[text].map { ProfileMerge.unite($0, own) } ?? own
    }
}
