// SPDX-License-Identifier: Apache-2.0
package import Events
package import Profiles

/// What one seccomp profile answers otherwise than another, call by call.
package struct ProfileComparison: Equatable, Sendable {
    /// How a call's answer changed.
    package enum Change: String, Sendable, CaseIterable {
        /// It did not reach the kernel, and now does.
        case added
        /// It did, and does not any more.
        case removed
        /// It reaches the kernel in both, under other conditions.
        case conditional
        /// It reaches the kernel in neither, and fails otherwise.
        case answer
    }

    /// One call.
    package struct Entry: Equatable, Sendable {
        package let call: String
        package let change: Change
        /// Nil for an ordinary call.
        package let tier: NeverAllow.Tier?
        package let old: String
        package let new: String
        /// Whether something passes that did not.
        package let isLooser: Bool
    }

    /// By tier, then by name.
    package let entries: [Entry]
    /// Architectures that only the new one, and only the old one has.
    package let addedArchitectures: [FilterArchitecture]
    package let removedArchitectures: [FilterArchitecture]
    /// The answers to calls that neither names.
    package let oldDefault: FilterAction
    package let newDefault: FilterAction

    package init(from old: OCISeccompProfile, to new: OCISeccompProfile, machine: Architecture = .current) {
        let (before, after) = (ProfileVerdicts(old), ProfileVerdicts(new))
        let native: FilterArchitecture = machine == .arm64 ? .aarch64 : .x86_64
        let (oldArchitectures, newArchitectures) = (
            Set(old.architectures + [native]), Set(new.architectures + [native])
        )
        // A name that none of a profile's architectures has does nothing there.
        let (oldKnown, newKnown) = (Self.names(on: oldArchitectures), Self.names(on: newArchitectures))
        let known = oldKnown.union(newKnown)
        let isListed = !old.defaultFilterAction.reachesKernel && !new.defaultFilterAction.reachesKernel
        let names = isListed ? before.names.union(after.names).intersection(known) : known
        var entries: [Entry] = []
        for call in names {
            let was = oldKnown.contains(call) ? before.verdict(of: call) : .always(.killThread)
            let now = newKnown.contains(call) ? after.verdict(of: call) : .always(.killThread)
            guard was != now else { continue }
            let change: Change =
                switch (was.isOpen, now.isOpen) {
                case (false, true): .added
                case (true, false): .removed
                case (true, true): .conditional
                case (false, false): .answer
                }
            entries.append(
                Entry(
                    call: call, change: change, tier: NeverAllow.tier(of: call), old: was.description,
                    new: now.description, isLooser: now.isLooser(than: was)))
        }
        self.entries = entries.sorted { Self.order($0) < Self.order($1) }
        addedArchitectures = newArchitectures.subtracting(oldArchitectures).sorted()
        removedArchitectures = oldArchitectures.subtracting(newArchitectures).sorted()
        oldDefault = old.defaultFilterAction
        newDefault = new.defaultFilterAction
    }

    private static func names(on architectures: Set<FilterArchitecture>) -> Set<String> {
        Set(architectures.flatMap { SyscallTable.table($0.abi, on: $0.machine).entries.map(\.name) })
    }

    private static func order(_ entry: Entry) -> (Int, String) { (entry.tier?.rawValue ?? 3, entry.call) }

    /// Whether both mean the same.
    package var isEmpty: Bool {
        entries.isEmpty && addedArchitectures.isEmpty && removedArchitectures.isEmpty && oldDefault == newDefault
    }

    /// What lets something pass that did not, calls of a tier up to `tier` alone if one is given.
    package func news(upTo tier: NeverAllow.Tier? = nil) -> [Entry] {
        entries.filter { entry in
            entry.isLooser && (tier.map { limit in entry.tier.map { $0 <= limit } ?? false } ?? true)
        }
    }

    /// The entries of one kind.
    package func entries(_ change: Change) -> [Entry] { entries.filter { $0.change == change } }
}
