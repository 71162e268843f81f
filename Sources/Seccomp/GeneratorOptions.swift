// SPDX-License-Identifier: Apache-2.0

/// What a person decides about a generated profile.
package struct GeneratorOptions: Sendable {
    /// Whether the runtime's own calls are part of the profile.
    package enum Needs: Sendable { case include, omit }
    /// Whether clone and socket are restricted by argument; `omit` only takes socket's rule away, never clone's.
    package enum Arguments: Sendable { case include, omit }

    /// Items of the never-allow list to allow where they were seen (`ptrace`, `socket:AF_PACKET`,
    /// `clone:CLONE_NEWUSER`), each with a reason.
    package var accepts: [String: String]
    package var runtimeNeeds: Needs
    package var target: RuntimeNeeds.Target
    package var arguments: Arguments
    /// Whether what exec sessions and health checks did is allowed like the workload's own calls.
    package var includesSessions: Bool

    package init(
        accepts: [String: String] = [:], runtimeNeeds: Needs = .include, target: RuntimeNeeds.Target = .recorded,
        arguments: Arguments = .include, includesSessions: Bool = false
    ) {
        self.accepts = accepts
        self.runtimeNeeds = runtimeNeeds
        self.target = target
        self.arguments = arguments
        self.includesSessions = includesSessions
    }
}
