// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Profiles
import Sensor

extension KeyTables {
    /// Tells what a monitored container did under replaced programs and nobody announced.
    func tell(_ inherited: InheritedSlot, of container: TrackedContainer, now: UInt64) {
        let state = state(of: container.key, now: now)
        guard container.settings.mode != .off else { return }
        let maker = FindingMaker(sensor, now: .now)
        let entry = entry(of: container, state)
        let known = announced[inherited.facts.set] ?? [:]
        let subs = inherited.facts.subs.filter { $0.slot == inherited.slot }
        tellPeers(of: inherited, subs, entry, maker)
        tellExecutions(of: inherited, entry, maker)
        for sub in subs {
            if entry.isMonitored, !sub.isOther, sub.calls[.workload] != nil,
                !entry.executables.contains(sub.executableName),
                announcedExecutables.insert([container.description.id, sub.executableName]).inserted
            {
                writer.inbox.send(.finding(maker.executable(sub, entry)))
            }
            let counted = inherited.facts.deviations.filter { $0.sub == sub.index }
            let counters = Set(counted.map { FindingMaker.counter($0) })
            // What was done before the kernel had a table is counted by nobody.
            let uncounted =
                state.standing.state == .monitoring
                ? state.compiled.deviations(of: sub).filter { !counters.contains(FindingMaker.counter($0)) } : []
            for deviation in counted + uncounted {
                let counter = FindingMaker.counter(deviation)
                let announced = known[counter] ?? 0
                guard deviation.count > announced else { continue }
                var finding = maker.deviation(deviation, sub, counter, entry)
                // The counter is the replaced programs' own: those at work count from nothing.
                finding.occurrences = .more(deviation.count - announced)
                writer.inbox.send(.finding(finding))
            }
        }
    }

    /// The same of network peers.
    private func tellPeers(
        of inherited: InheritedSlot, _ subs: [SubSnapshot], _ entry: WatchBoard.Entry, _ maker: FindingMaker
    ) {
        for peer in inherited.facts.peers ?? [] where peer.slot == inherited.slot && !peer.isOutsider {
            let name = PeerName(peer)
            let before = toldPeers.count(of: peer, name, in: entry.container)
            // Whatever names it had are forgotten, but for those that the profile knows.
            let judged = JudgedPeer(name, hosts: [], entry.peers)
            guard peer.count > before, !judged.isExpected else { continue }
            var finding = maker.contact(
                peer, judged, subs.first { $0.index == peer.sub }, entry, before: before, isRepeated: before > 0,
                isInherited: true)
            finding.containerStart = entry.start
            writer.inbox.send(.finding(finding))
        }
    }
}
