// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Profiles
import Sensor

extension KeyTables {
    /// Tells of what is news: once for a container. `sub` is what a number of the fact's slot stands for.
    func tell(
        _ fact: ExecutionFact, _ record: Record?, _ entry: WatchBoard.Entry, _ maker: FindingMaker,
        _ sub: (UInt32) -> SubSnapshot?
    ) {
        switch fact {
        case .edge(let edge): tell(edge, record, entry, maker, sub)
        case .credentials(let seen): tell(seen, record, entry, maker, sub)
        }
    }

    /// Tells of an executable that one has executed that never did before: once for a container. A child that is unknown
    /// itself is told as such, with who executed it.
    private func tell(
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
    private func tell(
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
        let facts = ExecutionFact.all(inherited.facts.edges ?? [], inherited.facts.credentials ?? [])
        for fact in facts where fact.slot == inherited.slot && fact.isJudged {
            tell(fact, nil, entry, maker) { subs[$0] }
        }
    }

    /// Forgets what was told of a container that has ended, and has the writer thread forget it.
    func forgetTold(of container: TrackedContainer) {
        toldExecutions.forget(container.description.id)
        writer.inbox.send(.ended(container: container.description.id))
    }

    private func send(_ finding: Finding) {
        writer.inbox.send(.finding(finding))
        writer.wake()
    }
}
