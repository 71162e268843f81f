// SPDX-License-Identifier: Apache-2.0
import Containers
import Events
import FoundationEssentials
import Profiles

final class ContainerWatch {
    init(pattern: String, waits: Bool, in hierarchy: CgroupHierarchy) throws(RecorderError) {}
    func begin() throws(RecorderError) {}
    func see(_ record: Record) {}
    var cgroupIDs: Set<UInt64> { [] }
    func includes(_ id: UInt64) -> Bool { false }
    func hasEnded(_ slots: [SlotSnapshot]) -> Bool { true }
    func sayNotes(_ notes: inout [String]) {}
    func profiles(_ facts: RecordedFacts, start: Date, end: Date, reasons: [String]) -> [BehaviourProfile] { [] }
}
