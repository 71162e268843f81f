// SPDX-License-Identifier: Apache-2.0

extension OCISeccompProfile {
    /// The profile with `names` allowed whatever their arguments, and otherwise the same.
    package func allowing(_ names: Set<String>) -> OCISeccompProfile {
        guard !names.isEmpty else { return self }
        var copy = self
        copy.syscalls = syscalls.compactMap { rule in
            var rule = rule
            rule.names.removeAll(where: names.contains)
            return rule.names.isEmpty ? nil : rule
        }
        copy.syscalls.append(Rule(names: names.sorted(), action: .allow))
        return copy
    }

    /// A profile for the same architectures that refuses nothing.
    package var refusingNothing: OCISeccompProfile {
        OCISeccompProfile(defaultAction: .allow, architectures: architectures)
    }
}
