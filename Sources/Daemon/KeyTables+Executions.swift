// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Profiles
import Sensor

extension KeyTables {
    /// Tells of an executable that one has executed that never did before: once for a container. A child that is unknown
    /// itself is told as such, with who executed it.
    ///
    /// - Parameter sub: what a number of the edge stands for.
    func tell(
        _ edge: EdgeSnapshot, _ record: Record?, _ entry: WatchBoard.Entry, _ maker: FindingMaker,
        _ sub: (UInt32) -> SubSnapshot?
    ) {
        guard !toldExecutions.wasJudged(edge.lastNanoseconds), let child = sub(edge.child), !child.isOther,
            let known = entry.parents[child.executableName], let who = sub(edge.parent)
        else { return }
        let parent = who.isOther ? Learner.otherExecutables : who.executableName
        guard !known.contains(parent),
            toldExecutions.note(parent: parent, of: child.executableName, in: entry.container.id)
        else { return }
        send(maker.parent(parent, of: child.executableName, edge, child, record, entry))
    }

    /// Tells of a user or of capabilities that no process had before: each once for a container.
    func tell(
        _ seen: CredentialSnapshot, _ record: Record?, _ entry: WatchBoard.Entry, _ maker: FindingMaker,
        _ sub: (UInt32) -> SubSnapshot?
    ) {
        guard !toldExecutions.wasJudged(seen.lastNanoseconds) else { return }
        for name in entry.credentials.news(in: seen) {
            guard let fresh = toldExecutions.note(name, of: entry.container.id) else { continue }
            send(maker.rights(fresh, seen, sub(seen.sub), record, entry))
        }
    }

    /// The same of what replaced programs kept.
    func tellExecutions(of inherited: InheritedSlot, _ entry: WatchBoard.Entry, _ maker: FindingMaker) {
        guard entry.isMonitored else { return }
        let subs = Dictionary(inherited.facts.subs.map { ($0.index, $0) }) { one, _ in one }
        for edge in inherited.facts.edges ?? [] where edge.slot == inherited.slot && !edge.isSession {
            tell(edge, nil, entry, maker) { subs[$0] }
        }
        for seen in inherited.facts.credentials ?? [] where seen.slot == inherited.slot && !seen.isSession {
            tell(seen, nil, entry, maker) { subs[$0] }
        }
    }

    private func send(_ finding: Finding) {
        writer.inbox.send(.finding(finding))
        writer.wake()
    }
}
