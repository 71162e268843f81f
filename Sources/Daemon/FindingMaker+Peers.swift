// SPDX-License-Identifier: Apache-2.0
import Alerts
import Detection
import Events
import Profiles
import Sensor

/// Contacts with network peers, new listeners, unix sockets.
extension FindingMaker {
    /// A peer that the profile does not know, by the record of the first contact; `count` contacts so far.
    func contact(_ peer: JudgedPeer, _ record: Record, _ entry: WatchBoard.Entry, count: UInt64 = 1) -> Finding {
        finding(
            peer, at: record.timeNanoseconds, by: process(record, withArguments: true), slot: record.slot, entry,
            .total(count, counter: Self.counter(of: peer.name, slot: record.slot ?? 0, sub: record.sub ?? 0)))
    }

    /// The same where no record told of it: who did it first is known, and no more.
    ///
    /// - Parameters:
    ///   - before: how many of its contacts an earlier daemon told.
    ///   - isRepeated: whether it was told before.
    ///   - isInherited: whether its slot is one of replaced programs.
    func contact(
        _ peer: PeerSnapshot, _ judged: JudgedPeer, _ sub: SubSnapshot?, _ entry: WatchBoard.Entry, before: UInt64,
        isRepeated: Bool, isInherited: Bool = false
    ) -> Finding {
        var finding = finding(
            judged, at: isRepeated ? peer.lastNanoseconds : peer.firstNanoseconds,
            by: Self.process(of: sub, pid: peer.pid),
            slot: isInherited ? nil : peer.slot, entry,
            // A counter of replaced programs is nobody's: those at work count from nothing.
            isInherited
                ? .more(peer.count - min(before, peer.count))
                : .total(
                    peer.count, counter: Self.counter(of: judged.name, slot: peer.slot, sub: peer.sub), before: before))
        if !isRepeated {
            finding.detail = Self.join(finding.detail, "its record was lost: the process's parents are not known")
        }
        return finding
    }

    /// What an exec session contacted: part of the session's incident, and nothing that a profile could hold.
    func sessionContact(_ name: PeerName, host: String?, _ record: Record, _ entry: WatchBoard.Entry) -> Finding {
        var finding = Finding(
            rule: .execSession, item: FindingItem(.sessionPeer, name.text), time: moment(record.timeNanoseconds),
            container: entry.container, process: process(record), profile: entry.standing, losses: losses(record.slot),
            detail: host.map { Self.join(name.remark, "found as \($0)") } ?? name.remark)
        finding.containerStart = entry.start
        return finding
    }

    /// The number that stands for a peer in readings. Its lower half is none that a deviation has.
    static func counter(of name: PeerName, slot: UInt32, sub: UInt32) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(name)
        hasher.combine(slot)
        return UInt64(sub) << 32 | 1 << 31 | UInt64(UInt32(truncatingIfNeeded: hasher.finalize()) >> 1)
    }

    private func finding(
        _ peer: JudgedPeer, at nanoseconds: UInt64, by process: AlertProcess, slot: UInt32?, _ entry: WatchBoard.Entry,
        _ occurrences: Finding.Occurrences
    ) -> Finding {
        var finding = Finding(
            rule: peer.rule, item: FindingItem(.peer, peer.item.text), time: moment(nanoseconds),
            container: entry.container,
            process: process, profile: entry.standing, occurrences: occurrences, losses: losses(slot),
            weight: peer.weight(maturity: entry.maturity), tier: peer.name.isEngineSocket ? 1 : nil, detail: peer.detail
        )
        if peer.item.host != nil { finding.address = peer.name.address?.text }
        return finding
    }
}
