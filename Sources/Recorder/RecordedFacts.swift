// SPDX-License-Identifier: Apache-2.0
package import Events
package import FoundationEssentials
package import Sensor

/// Everything the kernel kept, read out once at the end of a recording.
package struct RecordedFacts: Sendable {
    package internal(set) var slots: [SlotSnapshot]
    package internal(set) var subs: [SubSnapshot]
    package var denials: [Denial]
    /// Network peers, listeners and unix sockets; nil if they were not watched.
    package internal(set) var peers: [PeerSnapshot]?
    /// Who executed what, and with which credentials; nil if that was not watched.
    package internal(set) var edges: [EdgeSnapshot]?
    package internal(set) var credentials: [CredentialSnapshot]?
    /// Whether the slots know which capabilities were used.
    package let watchesCapabilities: Bool
    /// Values of arguments; empty if they were not kept.
    package let options: [OptionSnapshot]
    /// By sub-slot, what was called under filters that programs loaded themselves; nil if that was not kept.
    package let steady: [UInt32: SteadySnapshot]?
    /// By cgroup id, the names that addresses were found by; empty if nobody read them.
    package var names: [UInt64: ResolvedNames] = [:]
    /// Calls by cgroup id where only the fallback program ran.
    package let fallback: [UInt64: [CallABI: CallSet]]
    package let isFallback: Bool
    package var losses: Sensor.Losses
    /// Programs that were wanted and are missing.
    package let missing: [ProgramStatus]
    /// Call counts by page.
    package let counts: [UInt32: [UInt64]]
    package let isCounted: Bool
    /// When a use was first reported, where the report was not dropped.
    package let firstUses: [FirstUse: Date]

    /// Reads a sensor that is still attached: everything, or the given slots and what ran in them.
    package init(_ sensor: Sensor, isCounted: Bool, firstUses: [FirstUse: Date], slots only: Set<UInt32>? = nil) {
        // Before the calls that they are part of.
        steady = sensor.steady().map { all in Dictionary(all.map { ($0.sub, $0) }) { one, _ in one } }
        if let only {
            slots = only.sorted().compactMap { sensor.slot(at: $0) }
            subs = sensor.subIndices.compactMap { index in
                sensor.slot(ofSub: index).flatMap { only.contains($0) ? sensor.sub(at: index) : nil }
            }
        } else {
            slots = sensor.slots
            subs = sensor.subs
        }
        denials = sensor.denials()
        peers = sensor.watchesPeers ? sensor.peers().filter { only?.contains($0.slot) ?? true } : nil
        edges = sensor.watchesExecutions ? sensor.edges().filter { only?.contains($0.slot) ?? true } : nil
        credentials = sensor.watchesExecutions ? sensor.credentials().filter { only?.contains($0.slot) ?? true } : nil
        watchesCapabilities = sensor.watchesCapabilities
        options = sensor.options().filter { only?.contains($0.slot) ?? true }
        isFallback = sensor.isFallback
        fallback = sensor.isFallback ? sensor.fallbackCalls() : [:]
        losses = sensor.losses
        missing = sensor.programs.filter { $0.missing != nil && !$0.program.isExtra }
        self.isCounted = isCounted && !sensor.isFallback
        self.firstUses = firstUses
        var counts: [UInt32: [UInt64]] = [:]
        for page in subs.flatMap({ $0.countPages.values.flatMap(\.values) }) {
            counts[page] = sensor.counts(page: page)
        }
        self.counts = counts
    }

    /// The slots of one container: the one with this cgroup id, and those below it.
    package func slots(ofContainer cgroupID: UInt64) -> [SlotSnapshot] {
        guard let root = slots.first(where: { $0.cgroupID == cgroupID }) else { return [] }
        return slots.filter { $0.root == root.index || $0.index == root.index }
    }
}
