// SPDX-License-Identifier: Apache-2.0
internal import Events

/// What a profile answers to a call, over all arguments.
package enum CallVerdict: Hashable, Sendable {
    /// Conditions, each as text, and what they lead to.
    package struct Branch: Hashable, Sendable {
        /// `arg0 & 0x7e020000 == 0`; several joined with "and".
        package let condition: String
        package let action: FilterAction
    }

    case always(FilterAction)
    /// Some arguments reach the kernel, and others do not.
    case conditional([Branch], otherwise: FilterAction)

    /// Whether the kernel is reached with some arguments.
    package var isOpen: Bool {
        switch self {
        case .always(let action): action.reachesKernel
        case .conditional: true
        }
    }

    /// Whether it is reached with all of them.
    package var isFullyOpen: Bool {
        guard case .always(let action) = self else { return false }
        return action.reachesKernel
    }

    /// Whether this one may let something pass that `other` did not.
    package func isLooser(than other: CallVerdict) -> Bool {
        guard isOpen, self != other else { return false }
        guard other.isOpen, case .conditional(let old, let oldOtherwise) = other else { return !other.isOpen }
        guard case .conditional(let new, let newOtherwise) = self else { return true }
        if newOtherwise.reachesKernel, !oldOtherwise.reachesKernel { return true }
        // Only known as text: a branch that lets pass and was not there, or one less that refuses.
        let opened = new.contains { $0.action.reachesKernel && !old.contains($0) }
        let unlocked = newOtherwise.reachesKernel && old.contains { !$0.action.reachesKernel && !new.contains($0) }
        return opened || unlocked
    }
}

extension FilterAction {
    /// Whether the call is made: allowed, or allowed and logged.
    package var reachesKernel: Bool { self == .allow || self == .log }

    /// In one or two words: `allow`, `EPERM`, `kill`.
    package var shortText: String {
        switch self {
        case .allow: "allow"
        case .log: "log"
        case .errno(let number): ErrnoName.name(Int(number))
        case .killProcess, .killThread: "kill"
        case .trap: "trap"
        case .notify: "notify"
        case .trace: "trace"
        }
    }
}

extension CallVerdict: CustomStringConvertible {
    package var description: String {
        switch self {
        case .always(let action): return action.shortText
        case .conditional(let branches, let otherwise):
            let actions = Set(branches.map(\.action)).sorted {
                ($0.reachesKernel ? 0 : 1, $0.shortText) < ($1.reachesKernel ? 0 : 1, $1.shortText)
            }
            let parts = actions.map { action in
                let conditions = branches.filter { $0.action == action }.map(\.condition)
                let rest = conditions.count - 6
                let shown = rest > 0 ? conditions.prefix(6) + ["\(rest) more"] : conditions
                return "\(action.shortText) if \(shown.joined(separator: " or "))"
            }
            return (parts + ["else \(otherwise.shortText)"]).joined(separator: ", ")
        }
    }
}
