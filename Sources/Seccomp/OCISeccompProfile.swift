// SPDX-License-Identifier: Apache-2.0
package import Events
package import FoundationEssentials

/// A seccomp profile as container runtimes read it: the `linux.seccomp` object of the OCI runtime specification 1.2, and
/// nothing but that. Engines' own extensions (`includes`, `archMap`, ...) are lost without a word by other readers.
package struct OCISeccompProfile: Codable, Equatable, Sendable {
    /// The action names of the specification.
    package enum Action: String, Codable, Sendable, CaseIterable {
        case kill = "SCMP_ACT_KILL"
        case killProcess = "SCMP_ACT_KILL_PROCESS"
        case killThread = "SCMP_ACT_KILL_THREAD"
        case trap = "SCMP_ACT_TRAP"
        case errno = "SCMP_ACT_ERRNO"
        case trace = "SCMP_ACT_TRACE"
        case allow = "SCMP_ACT_ALLOW"
        case log = "SCMP_ACT_LOG"
        case notify = "SCMP_ACT_NOTIFY"

        /// Whether the action carries a number; crun refuses one on any other.
        var takesNumber: Bool { self == .errno || self == .trace }

        /// The action with its number; EPERM where none is given, as in runc and crun.
        func filterAction(_ number: UInt32?) -> FilterAction {
            switch self {
            case .kill, .killThread: .killThread
            case .killProcess: .killProcess
            case .trap: .trap
            case .errno: .errno(UInt16(clamping: number ?? 1))
            case .trace: .trace(UInt16(clamping: number ?? 1))
            case .allow: .allow
            case .log: .log
            case .notify: .notify
            }
        }
    }

    /// The comparison names of the specification.
    package enum Operator: String, Codable, Sendable, CaseIterable {
        case notEqual = "SCMP_CMP_NE"
        case less = "SCMP_CMP_LT"
        case lessOrEqual = "SCMP_CMP_LE"
        case equal = "SCMP_CMP_EQ"
        case greaterOrEqual = "SCMP_CMP_GE"
        case greater = "SCMP_CMP_GT"
        case maskedEqual = "SCMP_CMP_MASKED_EQ"
    }

    /// One condition on an argument.
    package struct Argument: Codable, Equatable, Hashable, Sendable {
        /// 0...5.
        package var index: Int
        /// What the argument is compared with; the mask of `maskedEqual`.
        package var value: UInt64
        /// The value of `maskedEqual`; unused and absent otherwise.
        package var valueTwo: UInt64?
        package var op: Operator

        package init(index: Int, value: UInt64, valueTwo: UInt64? = nil, op: Operator) {
            self.index = index
            self.value = value
            self.valueTwo = valueTwo
            self.op = op
        }

        /// True where `argument & mask == value`.
        package static func masked(_ index: Int, mask: UInt64, equals value: UInt64) -> Argument {
            Argument(index: index, value: mask, valueTwo: value, op: .maskedEqual)
        }
    }

    /// One action for some calls.
    package struct Rule: Codable, Equatable, Sendable {
        /// Call names; a runtime drops one that its libseccomp does not know, without a word.
        package var names: [String]
        package var action: Action
        /// The number of `errno` (at most 4095) and `trace`.
        package var errnoRet: UInt32?
        /// Conditions that must all hold; two on one index are alternatives, see `alternatives`.
        package var args: [Argument]?

        package init(names: [String], action: Action, errnoRet: UInt32? = nil, args: [Argument]? = nil) {
            self.names = names
            self.action = action
            self.errnoRet = errnoRet
            self.args = args
        }

        /// The conditions as runc applies them: one set of which all must hold; or, as soon as one index is there twice,
        /// one set for each condition.
        package var alternatives: [[Argument]] {
            let arguments = args ?? []
            let indices = Set(arguments.map(\.index))
            return indices.count == arguments.count ? [arguments] : arguments.map { [$0] }
        }

        /// The action with its number.
        package var filterAction: FilterAction { action.filterAction(errnoRet) }
    }

    /// The answer to calls without a rule.
    package var defaultAction: Action
    package var defaultErrnoRet: UInt32?
    /// One name list holds for all of them.
    package var architectures: [FilterArchitecture]
    /// `SECCOMP_FILTER_FLAG_*` names for the runtime.
    package var flags: [String]?
    package var syscalls: [Rule]

    package init(
        defaultAction: Action, defaultErrnoRet: UInt32? = nil, architectures: [FilterArchitecture],
        flags: [String]? = nil, syscalls: [Rule] = []
    ) {
        self.defaultAction = defaultAction
        self.defaultErrnoRet = defaultErrnoRet
        self.architectures = architectures
        self.flags = flags
        self.syscalls = syscalls
    }

    /// The default with its number.
    package var defaultFilterAction: FilterAction { defaultAction.filterAction(defaultErrnoRet) }

    /// The machine it is for: this one, unless it lists architectures of another alone.
    package var machine: Architecture { architectures.machine }

    /// The profile as Docker 20.10 and containerd before 1.6 take it: they drop the default's number.
    package var withoutDefaultErrno: OCISeccompProfile {
        var copy = self
        copy.defaultErrnoRet = nil
        return copy
    }

    /// The file: sorted keys, indented, a newline at the end; equal profiles give equal bytes.
    package func encoded() throws(SeccompError) -> Data {
        try JSONOutput.encode(self, subject: "the OCI profile")
    }
}
