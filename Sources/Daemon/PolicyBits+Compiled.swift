// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Events
import Profiles

extension PolicyBits {
    /// The tables of a compiled policy.
    ///
    /// - Parameter families: socket families that the workload used, where only those are expected; nil for any.
    init(_ policy: CompiledPolicy, families: [UInt32]? = nil) {
        self = .nothing
        for (abi, set) in policy.workload { self.set(set.numbers, of: abi, session: false) }
        for (abi, set) in policy.session { self.set(set.numbers, of: abi, session: true) }
        set(operations: policy.workloadIO.numbers, session: false)
        set(operations: policy.sessionIO.numbers, session: true)
        for family in 0..<UInt32(64) {
            set(family: family, session: false, allowed: families?.contains(family) ?? true)
            set(family: family, session: true, allowed: true)
        }
        for item in policy.argumentDependent.values.joined() {
            if let flag = NeverAllow.cloneFlags[item] {
                forbid(cloneFlags: flag, session: false)
                forbid(cloneFlags: flag, session: true)
            }
            if let family = NeverAllow.socketFamilies[item] {
                set(family: family, session: false, allowed: false)
                set(family: family, session: true, allowed: false)
            }
        }
    }
}
