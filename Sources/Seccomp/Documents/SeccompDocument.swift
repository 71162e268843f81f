// SPDX-License-Identifier: Apache-2.0

/// A seccomp profile as it stands in a file of whatever make, conditions and mistakes included: read leniently, so that it
/// can be judged. `resolved(for:)` makes of it what a runtime gets; `flaws` are what is wrong with the file itself.
package struct SeccompDocument: Sendable {
    /// The makes that are told apart.
    package enum Form: String, Sendable {
        /// The `linux.seccomp` object of the OCI specification, and nothing else.
        case oci = "OCI"
        /// The same with the extensions of Docker, Podman and their tools: includes, excludes, archMap, errno names.
        case engine = "engine"
        /// A SeccompProfile of the Security Profiles Operator.
        case securityProfilesOperator = "SPO"
    }

    /// When a rule counts: its `includes` and `excludes`.
    struct Conditions: Equatable, Sendable {
        var capabilities: [String] = []
        /// As engines name them: amd64, arm64, x32, ...
        var architectures: [String] = []
        /// Major and minor.
        var minKernel: (major: Int, minor: Int)?

        static func == (left: Conditions, right: Conditions) -> Bool {
            left.capabilities == right.capabilities && left.architectures == right.architectures
                && left.minKernel?.major == right.minKernel?.major && left.minKernel?.minor == right.minKernel?.minor
        }
    }

    /// One rule.
    struct Rule: Sendable {
        var line: Int
        var names: [String] = []
        var action: OCISeccompProfile.Action
        var errnoRet: UInt32?
        var arguments: [OCISeccompProfile.Argument] = []
        var includes = Conditions()
        var excludes = Conditions()

        var isConditional: Bool { includes != Conditions() || excludes != Conditions() }
    }

    package internal(set) var form = Form.oci
    /// `moby/moby 20.10.24`, where the file says whose it is; escaped.
    package internal(set) var origin: String?
    var defaultAction: OCISeccompProfile.Action
    var defaultErrnoRet: UInt32?
    var defaultLine = 1
    /// Names as in the file.
    var architectures: [String] = []
    var architecturesLine = 1
    /// A machine's architecture, and those that engines add to it.
    var architectureMap: [(architecture: String, others: [String])] = []
    var flags: [String] = []
    var rules: [Rule] = []
    /// What is wrong with the file, whatever it is read for, in its order.
    package internal(set) var flaws: [LintFinding] = []
}
