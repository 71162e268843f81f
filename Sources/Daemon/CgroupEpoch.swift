// SPDX-License-Identifier: Apache-2.0
import Events
import Profiles
import Recorder

/// What the kernel counts from a cgroup's beginning, less what profiles have of it: an epoch has its share. A cgroup has two
/// slots while what replaced programs kept of it is not in its profile.
struct CgroupEpoch {
    /// Records of the epoch.
    private(set) var events = EventAccounting()
    /// Calls that a filter answered in the epoch.
    private(set) var denials: [Denial] = []
    /// Whether the last epoch was saved, and a crash came before that was noted in the slots.
    let overlaps: Bool

    private let total: EventAccounting
    private let denied: [String: UInt64]

    /// - Parameters:
    ///   - slots: of one cgroup.
    ///   - denials: of any cgroup, all since their beginning.
    ///   - subs: which slot each belongs to.
    ///   - before: what was saved when its last epoch was.
    init(_ slots: [SlotSnapshot], denials: [Denial], subs: [SubSnapshot], before: TakenEpochs.Cgroup?) {
        let places = Set(slots.map(\.index))
        let members = Set(subs.filter { places.contains($0.slot) }.map(\.index))
        let own = denials.filter { members.contains($0.sub) }
        let noted = slots.map(\.epochNanoseconds).max() ?? 0
        overlaps = before.map { noted < $0.end } ?? false
        var total = EventAccounting()
        for slot in slots { total.add(EventAccounting(slot.account)) }
        self.total = total
        if overlaps, let before {
            events = total.less(before.events)
        } else {
            for slot in slots { events.add(EventAccounting(slot.unbooked)) }
        }
        denied = Dictionary(own.map { ($0.name, $0.count) }) { one, _ in one }
        self.denials = own.compactMap { $0.less(before?.denied?[$0.name] ?? 0) }
    }

    /// What is to be saved with the profile that takes this.
    func taken(until end: UInt64) -> TakenEpochs.Cgroup {
        TakenEpochs.Cgroup(end: end, events: total, denied: denied.isEmpty ? nil : denied)
    }
}
