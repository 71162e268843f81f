// SPDX-License-Identifier: Apache-2.0

/// What kind of thing an alert is about. The raw value is the rule's stable id: it never changes its meaning.
package enum AlertRule: String, Codable, Sendable, CaseIterable {
    case tamper
    case neverAllowCall = "never-allow-call"
    case engineSocket = "engine-socket"
    case foreignABI = "foreign-abi"
    case unexpectedExecutable = "unexpected-executable"
    case replacedExecutable = "replaced-executable"
    case newCredentials = "new-credentials"
    case newParent = "new-parent"
    case newListener = "new-listener"
    case newDestination = "new-destination"
    case newAddress = "new-address"
    case ioUringOperation = "io-uring-operation"
    case unexpectedCall = "unexpected-call"
    case outOfRangeCall = "out-of-range-call"
    case migration
    case execSession = "exec-session"
    case seccompDenied = "seccomp-denied"
    case unexpectedContainer = "unexpected-container"
    case loss
    case gap
    case health
    case test

    /// An incident is announced under its gravest rule: the highest of these numbers.
    package var gravity: Int {
        switch self {
        case .tamper: 120
        case .neverAllowCall: 110
        case .engineSocket: 105
        case .foreignABI: 100
        case .replacedExecutable: 92
        case .unexpectedExecutable: 90
        case .newCredentials: 88
        case .newListener: 86
        case .newDestination: 84
        case .newAddress: 45
        case .ioUringOperation: 80
        case .unexpectedCall: 70
        case .newParent: 65
        case .outOfRangeCall: 60
        case .migration: 55
        case .execSession: 50
        case .seccompDenied: 40
        case .unexpectedContainer: 95
        case .loss: 30
        case .gap: 20
        case .health: 10
        case .test: 0
        }
    }

    /// A heading of a few words.
    package var title: String {
        switch self {
        case .tamper: "Ringfence was tampered with"
        case .neverAllowCall: "call that containers should never make"
        case .engineSocket: "connection to the container engine's socket"
        case .newListener: "port that was never listened at before"
        case .newDestination: "destination that was never contacted before"
        case .newAddress: "new address of a known name"
        case .foreignABI: "call through a foreign system call table"
        case .unexpectedExecutable: "executable that was never run before"
        case .replacedExecutable: "known executable whose file was replaced"
        case .newCredentials: "user or capabilities that were never held before"
        case .newParent: "executable that was never executed by this one before"
        case .ioUringOperation: "io_uring operation that was never used before"
        case .unexpectedCall: "system call that was never made before"
        case .outOfRangeCall: "system call number that does not exist"
        case .migration: "process moved between containers"
        case .execSession: "program started from outside in a running container"
        case .seccompDenied: "call that the seccomp filter refused"
        case .unexpectedContainer: "container that nobody has approved"
        case .loss: "records were lost"
        case .gap: "nothing was watched for a while"
        case .health: "Ringfence does not work as it should"
        case .test: "test alert"
        }
    }

    /// Whether the rule compares with a profile: the score then decides about the severity.
    package var isBehaviour: Bool {
        switch self {
        case .neverAllowCall, .engineSocket, .foreignABI, .unexpectedExecutable, .replacedExecutable, .newCredentials,
            .newParent, .newListener, .newDestination, .newAddress, .ioUringOperation, .unexpectedCall, .outOfRangeCall,
            .migration, .execSession, .seccompDenied:
            true
        case .tamper, .unexpectedContainer, .loss, .gap, .health, .test: false
        }
    }

    /// The severity that rules without a score always have, and the least of the others.
    package var floor: Severity {
        switch self {
        case .tamper: .critical
        case .unexpectedContainer, .loss, .gap, .health: .warning
        default: .notice
        }
    }

    /// Whether a person can allow what the alert reports: a profile has no place for numbers that name no call, for what a
    /// seccomp filter answered, nor for where a process came from.
    package var isAllowable: Bool {
        isBehaviour && self != .outOfRangeCall && self != .seccompDenied && self != .migration
    }
}
