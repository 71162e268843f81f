// SPDX-License-Identifier: Apache-2.0
import Platform

/// Whether a unit's cgroup is empty for good: between two commands of a unit (ExecStartPre, ExecStart) nobody is in it for
/// a moment, and a manager removes the cgroup of a unit that has ended.
struct UnitEmptiness {
    /// Longer than a busy machine takes from one command of a unit to the next.
    private static let patience = 5.0
    private var since: Double?

    /// Takes how it is now; true once it has been empty for long enough.
    mutating func lasts(_ isEmpty: Bool) -> Bool {
        guard isEmpty else {
            since = nil
            return false
        }
        let began = since ?? BootClock.now
        since = began
        return BootClock.now - began >= Self.patience
    }
}
