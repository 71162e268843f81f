// SPDX-License-Identifier: Apache-2.0

/// The names under which decisions speak of entries.
package enum ProfileEntry {
    /// `calls/x86_64/ptrace`
    package static func call(_ name: String, abi: String) -> String { "calls/\(abi)/\(name)" }

    /// `ioUring/IORING_OP_READ`
    package static func ioUring(_ operation: String) -> String { "ioUring/\(operation)" }

    /// `executables//usr/bin/sh`
    package static func executable(_ path: String) -> String { "executables/\(path)" }

    /// `arguments/socket.family/2`: for counting novelties; no decision is about it.
    package static func argument(_ name: String, value: UInt32) -> String { "arguments/\(name)/\(value)" }
}

extension BehaviourProfile {
    /// What people decided last about each entry that they decided about.
    package var verdicts: [String: ProfileDecision.Verdict] {
        decisions.reduce(into: [:]) { $0[$1.entry] = $1.verdict }
    }

    /// Takes out the entries whose last decision is to remove them.
    mutating func dropRemoved() {
        let verdicts = verdicts
        guard verdicts.values.contains(.remove) else { return }
        calls = calls.reduce(into: [:]) { kept, abi in
            let rest = abi.value.filter { verdicts[ProfileEntry.call($0.key, abi: abi.key)] != .remove }
            if !rest.isEmpty { kept[abi.key] = rest }
        }
        ioUring = ioUring.filter { verdicts[ProfileEntry.ioUring($0.key)] != .remove }
        executables = executables.filter { verdicts[ProfileEntry.executable($0.key)] != .remove }
        dropFromProbes { verdicts[$0] == .remove }
        if let learning { self.learning?.singletons = learning.singletons.filter { verdicts[$0.key] != .remove } }
    }

    private mutating func dropFromProbes(_ isDropped: (String) -> Bool) {
        probes = probes?.map { probe in
            var rest = probe
            rest.calls = probe.calls.reduce(into: [:]) { kept, abi in
                let names = abi.value.filter { !isDropped(ProfileEntry.call($0, abi: abi.key)) }
                if !names.isEmpty { kept[abi.key] = names }
            }
            return rest
        }
    }
}
