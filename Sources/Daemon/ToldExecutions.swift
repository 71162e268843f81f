// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Profiles

/// What was told of who executes what, and with which rights: each once for a container, whatever daemon told it.
struct ToldExecutions {
    /// Nothing.
    static let none = ToldExecutions(until: 0, alerts: [])

    /// Until when an earlier daemon judged, nanoseconds of CLOCK_BOOTTIME.
    private let until: UInt64
    /// By container id: parents, replaced executables and single rights by their entries.
    private var entries: [String: Set<String>] = [:]

    /// How long an execution may take from the kernel to an alert, where its record was lost.
    private static let patience: UInt64 = 3_000_000_000
    /// Entries of one container: beyond, nothing more of it is told. Containers are those that live, and those that alerts on
    /// disk tell of.
    private static let limit = 4096

    /// - Parameters:
    ///   - alive: when the daemon was last known to be alive; nanoseconds of CLOCK_BOOTTIME.
    ///   - alerts: those on disk.
    init(until alive: UInt64, alerts: [Alert]) {
        until = alive - min(alive, Self.patience)
        for alert in alerts {
            for item in alert.items.map(\.item) {
                switch item.kind {
                case .parent: insert("parents/\(item.name)", of: alert.container.id)
                case .replacedExecutable: insert("replaced/\(item.name)", of: alert.container.id)
                case .credential: if let name = CredentialName(item.name) { note(name, of: alert.container.id) }
                default: break
                }
            }
        }
    }

    /// Whether something that was last seen then was judged by an earlier daemon: it was right, or is told.
    func wasJudged(_ lastNanoseconds: UInt64) -> Bool { lastNanoseconds <= until }

    /// Notes that one executable has executed another; false if that is told.
    mutating func note(parent: String, of child: String, in container: String) -> Bool {
        insert(ProfileEntry.parent(parent, of: child), of: container)
    }

    /// Notes that a file was replaced; false if that is told.
    mutating func note(replaced path: String, in container: String) -> Bool {
        insert("replaced/\(path)", of: container)
    }

    /// Notes rights; what of them is not told, or nil.
    @discardableResult
    mutating func note(_ name: CredentialName, of container: String) -> CredentialName? {
        guard case .capabilities(let set) = name.right else {
            return insert(ProfileEntry.credential(name.text), of: container) ? name : nil
        }
        let fresh = name.single(set).filter { insert(ProfileEntry.credential($0.text), of: container) }
        let rest = fresh.reduce(CapabilitySet.none) { sum, one in
            if case .capabilities(let set) = one.right { sum.union(set) } else { sum }
        }
        guard !rest.isEmpty else { return nil }
        return CredentialName(
            .capabilities(rest), isInUserNamespace: name.isInUserNamespace, isOfSession: name.isOfSession)
    }

    /// Forgets a container that has ended.
    mutating func forget(_ container: String) { entries[container] = nil }

    @discardableResult
    private mutating func insert(_ entry: String, of container: String) -> Bool {
        guard entries[container, default: []].count < Self.limit else { return false }
        return entries[container, default: []].insert(entry).inserted
    }
}
