// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// What one executable called under seccomp filters that it has loaded itself, since it was executed: a second filter has to
/// allow that. Copied from the kernel's table at one moment.
package struct SteadySnapshot: Sendable {
    /// The executable's sub-slot.
    package let sub: UInt32
    /// By phase, which is `workload` or `sessionWorkload`, and ABI; what was never used is absent.
    package let calls: [Phase: [CallABI: CallSet]]

    /// Copies an element of the table; nil if it is empty.
    @safe package init?(copying pointer: UnsafePointer<rf_steady>, sub: UInt32) {
        var calls: [Phase: [CallABI: CallSet]] = [:]
        for (judged, phase) in [(RF_JUDGED_WORKLOAD, Phase.workload), (RF_JUDGED_SESSION, .sessionWorkload)] {
            for abi in CallABI.allCases {
                // SAFETY: the element lies in a mapped array that outlives this call; words are copied one by one.
                let words = (0..<UInt32(RF_CALL_WORDS)).map {
                    unsafe rf_steady_calls(pointer, UInt32(judged), abi.rawValue, $0)
                }
                let set = CallSet(words: words)
                if !set.isEmpty { calls[phase, default: [:]][abi] = set }
            }
        }
        guard !calls.isEmpty else { return nil }
        self.sub = sub
        self.calls = calls
    }
}
