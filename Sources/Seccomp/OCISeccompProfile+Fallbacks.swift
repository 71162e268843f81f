// SPDX-License-Identifier: Apache-2.0

extension OCISeccompProfile {
    /// Whether answering `call` with ENOSYS makes programs do something else that this profile allows, or that they do
    /// without: a denial that is intended.
    package func means(fallbackFrom call: String) -> Bool {
        guard let instead = CallLists.fallbacks[call] else { return false }
        let allowed = Set(syscalls.filter { $0.action == .allow }.flatMap(\.names))
        return instead.isEmpty || instead.contains { allowed.contains($0) }
    }
}
