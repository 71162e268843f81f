// SPDX-License-Identifier: Apache-2.0
internal import Events

/// What a person decides about a generated profile.
package struct GeneratorOptions: Sendable {
    /// Whether the runtime's own calls are part of the profile.
    package enum Needs: Sendable { case include, omit }

    /// A call that is restricted by an argument.
    package enum ArgumentRule: String, Sendable, CaseIterable, Comparable {
        /// socket's address family: the learned ones, or all but those of tier 1.
        case socket
        /// clone's flags: no namespaces. Never left out.
        case clone
        /// ioctl's request: not TIOCSTI and TIOCLINUX, which type into a terminal; the learned ones where they were recorded.
        case ioctl
        /// personality's value and prctl's option: the learned ones.
        case personality, prctl

        package static func < (left: ArgumentRule, right: ArgumentRule) -> Bool { left.rawValue < right.rawValue }

        /// What the behaviour profile calls the argument.
        package var fact: String {
            switch self {
            case .socket: "socket.family"
            case .clone: "clone.flags"
            case .ioctl: OptionSnapshot.Kind.ioctl.fact
            case .personality: OptionSnapshot.Kind.personality.fact
            case .prctl: OptionSnapshot.Kind.prctl.fact
            }
        }

        /// Whether there is nothing to make a rule of without recorded values.
        var needsFacts: Bool { self == .personality || self == .prctl }
    }

    /// Which part of the program's life the profile is for.
    package enum Span: Sendable {
        case whole
        /// What comes after the start, for a program that loads this filter itself.
        case steady
    }

    /// Items of the never-allow list to allow where they were seen (`ptrace`, `socket:AF_PACKET`,
    /// `clone:CLONE_NEWUSER`), each with a reason.
    package var accepts: [String: String]
    package var runtimeNeeds: Needs
    package var target: RuntimeNeeds.Target
    /// Whether the container runs with no_new_privs: the runtime then loads the filter last, and needs less under it.
    package var noNewPrivileges: Bool
    /// What no learned call may exceed; nil: every call.
    package var base: GeneratorBase?
    /// Whether calls near the learned ones are allowed too: `CallFamilies`.
    package var widens: Bool
    package var argumentRules: Set<ArgumentRule>
    /// Whether what exec sessions and health checks did is allowed like the workload's own calls.
    package var includesSessions: Bool
    package var span: Span

    package init(
        accepts: [String: String] = [:], runtimeNeeds: Needs = .include, target: RuntimeNeeds.Target = .auto,
        noNewPrivileges: Bool = false, base: GeneratorBase? = nil, widens: Bool = false,
        argumentRules: Set<ArgumentRule> = [.socket, .clone], includesSessions: Bool = false, span: Span = .whole
    ) {
        self.accepts = accepts
        self.runtimeNeeds = runtimeNeeds
        self.target = target
        self.noNewPrivileges = noNewPrivileges
        self.base = base
        self.widens = widens
        self.argumentRules = argumentRules
        self.includesSessions = includesSessions
        self.span = span
    }
}
