// SPDX-License-Identifier: Apache-2.0

/// What a filter answers to a call: the kernel's SECCOMP_RET_* values, seccomp(2). libseccomp's SCMP_ACT_* are the same.
package enum FilterAction: Hashable, Sendable {
    case killProcess, killThread, trap, notify, log, allow
    /// The call fails with this error number, at most 4095 (the kernel cuts larger ones down to it).
    case errno(UInt16)
    /// A tracer is asked; the number is its message.
    case trace(UInt16)

    /// The 32 bits a filter returns, and what libseccomp takes for the action.
    package var returnValue: UInt32 {
        switch self {
        case .killProcess: 0x8000_0000
        case .killThread: 0
        case .trap: 0x0003_0000
        case .errno(let number): 0x0005_0000 | UInt32(number)
        case .notify: 0x7FC0_0000
        case .trace(let message): 0x7FF0_0000 | UInt32(message)
        case .log: 0x7FFC_0000
        case .allow: 0x7FFF_0000
        }
    }

    /// The action the kernel takes for a filter's return value; an unknown one kills the process.
    package init(returnValue: UInt32) {
        let data = UInt16(truncatingIfNeeded: returnValue)
        switch returnValue & 0xFFFF_0000 {
        case 0: self = .killThread
        case 0x0003_0000: self = .trap
        case 0x0005_0000: self = .errno(data)
        case 0x7FC0_0000: self = .notify
        case 0x7FF0_0000: self = .trace(data)
        case 0x7FFC_0000: self = .log
        case 0x7FFF_0000: self = .allow
        default: self = .killProcess
        }
    }
}

extension FilterAction: CustomStringConvertible {
    package var description: String {
        switch self {
        case .killProcess: "kill the process"
        case .killThread: "kill the thread"
        case .trap: "send SIGSYS"
        case .errno(let number): "errno \(number)"
        case .notify: "ask a supervisor"
        case .trace(let message): "ask a tracer (\(message))"
        case .log: "allow and log"
        case .allow: "allow"
        }
    }
}
