// SPDX-License-Identifier: Apache-2.0
package import CShims

/// One instruction of a classic BPF program, `struct sock_filter` of linux/filter.h.
package typealias CBPFInstruction = rf_bpf_instruction

extension CBPFInstruction {
    /// One instruction: BPF_STMT and BPF_JUMP of linux/filter.h.
    package static func step(_ code: UInt16, _ k: UInt32, jt: UInt8 = 0, jf: UInt8 = 0) -> CBPFInstruction {
        CBPFInstruction(code: code, jt: jt, jf: jf, k: k)
    }
}

/// The instruction codes that the kernel lets a seccomp filter use, linux/bpf_common.h.
enum CBPFCode {
    static let loadAbsolute: UInt16 = 0x20
    static let loadLength: UInt16 = 0x80
    static let loadIndexLength: UInt16 = 0x81
    static let loadImmediate: UInt16 = 0x00
    static let loadIndexImmediate: UInt16 = 0x01
    static let loadMemory: UInt16 = 0x60
    static let loadIndexMemory: UInt16 = 0x61
    static let store: UInt16 = 0x02
    static let storeIndex: UInt16 = 0x03
    static let jump: UInt16 = 0x05
    static let returnConstant: UInt16 = 0x06
    static let returnAccumulator: UInt16 = 0x16
    static let toIndex: UInt16 = 0x07
    static let toAccumulator: UInt16 = 0x87
    static let negate: UInt16 = 0x84
    /// Set in an arithmetic or jump code whose operand is X, not the constant.
    static let operandIsIndex: UInt16 = 0x08

    /// Add, subtract, multiply, divide, or, and, shift left and right, exclusive or: with a constant. No remainder.
    static let arithmetic: Set<UInt16> = [0x04, 0x14, 0x24, 0x34, 0x44, 0x54, 0x64, 0x74, 0xA4]
    /// Equal, greater, greater or equal, any bit set: with a constant.
    static let conditionalJumps: Set<UInt16> = [0x15, 0x25, 0x35, 0x45]

    /// Every code a seccomp filter may have.
    static let allowed: Set<UInt16> = Set(
        [
            loadAbsolute, loadLength, loadIndexLength, loadImmediate, loadIndexImmediate, loadMemory, loadIndexMemory,
            store, storeIndex, jump, returnConstant, returnAccumulator, toIndex, toAccumulator, negate,
        ] + arithmetic + arithmetic.map { $0 | operandIsIndex } + conditionalJumps
            + conditionalJumps.map { $0 | operandIsIndex })
}
