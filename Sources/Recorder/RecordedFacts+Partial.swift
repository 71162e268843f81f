// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events
import Profiles
import Sensor

extension RecordedFacts {
    /// Why facts of the given slots may be missing, in words; empty if none can be.
    package func partialReasons(of slots: [SlotSnapshot]) -> [String] {
        var reasons: [String] = []
        if isFallback {
            reasons.append(
                "only calls per cgroup were recorded, as on old kernels: phases and executables are not told apart")
        }
        if slots.contains(where: { $0.has(RF_SLOT_LATE) }) {
            reasons.append(ProfileWindow.lateReason)
        }
        if slots.contains(where: { $0.has(RF_SLOT_NO_STORAGE) }) || losses.tasks > 0 {
            reasons.append("the kernel had no memory to follow \(max(losses.tasks, 1)) tasks: their phase may be wrong")
        }
        if slots.contains(where: { $0.has(RF_SLOT_SUBS_FULL) }) {
            reasons.append("more executables ran than there is room for: the calls of the rest are under \"(other)\"")
        }
        if losses.cgroups > 0 {
            reasons.append(
                "the slot table was full: \(losses.cgroups) tasks in further cgroups were not recorded (--slots N makes it larger)"
            )
        }
        if losses.departures > 0 {
            reasons.append("\(losses.departures) tasks moved to another cgroup: what they did there is not recorded")
        }
        if isCounted, slots.contains(where: { $0.has(RF_SLOT_COUNTS_FULL) }) {
            reasons.append("there was no room to count the calls of every executable: some counts are 0 or too low")
        }
        if slots.contains(where: { $0.lostPeers > 0 }) {
            reasons.append("more network peers were used than there is room for: the rest are not known")
        }
        if slots.contains(where: { $0.lostEdges > 0 }) {
            reasons.append(
                "more executables executed others than there is room for: who executed the rest is not known")
        }
        if slots.contains(where: { $0.lostCredentials > 0 }) {
            reasons.append("processes had more different users and capabilities than there is room for")
        }
        if losses.denials > 0 {
            reasons.append("the table of denied calls was full: \(losses.denials) attempts were not kept")
        }
        if !isFallback {
            let lost = Dictionary(grouping: missing) { $0.program.lossWithoutIt }
            for (loss, programs) in lost.sorted(by: { $0.key < $1.key }) {
                reasons.append("\(loss) (\(programs.compactMap(\.missing).first ?? ""))")
            }
        }
        return reasons
    }
}
