// SPDX-License-Identifier: Apache-2.0
import Events

extension BehaviourProfile {
    /// Whether it says nothing about its target. A container or unit of which only the setup was seen counts:
    /// its program was never executed.
    package var isEmpty: Bool {
        guard ioUring.isEmpty else { return false }
        let setup = [Phase.setup, .filteredSetup].map(\.name)
        return calls.values.allSatisfy { named in
            target.kind == .container || target.kind == .unit
                ? named.values.allSatisfy { evidence in evidence.phases.keys.allSatisfy(setup.contains) }
                : named.isEmpty
        }
    }
}
