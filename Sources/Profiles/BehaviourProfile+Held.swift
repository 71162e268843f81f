// SPDX-License-Identifier: Apache-2.0

extension BehaviourProfile {
    /// The entries that wait for a person's decision, sorted.
    package var heldEntries: [String] {
        let calls = calls.flatMap { abi, named in
            named.filter { $0.value.held != nil }.map { ProfileEntry.call($0.key, abi: abi) }
        }
        let operations = ioUring.filter { $0.value.held != nil }.map { ProfileEntry.ioUring($0.key) }
        let peers = (peers ?? [:]).filter { $0.value.held != nil }.map { ProfileEntry.peer($0.key) }
        let rights = (credentials ?? [:]).filter { $0.value.held != nil }.map { ProfileEntry.credential($0.key) }
        return (calls + operations + peers + rights).sorted()
    }
}
