// SPDX-License-Identifier: Apache-2.0
internal import CShims

/// Runs a seccomp filter in process, as the kernel would. Classic BPF jumps forward only, so every program ends.
package struct CBPFInterpreter: Sendable {
    /// Why the kernel would refuse a program with EINVAL.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        /// The instruction's place, from 0; -1 for the program as a whole.
        package let instruction: Int
        package let reason: String

        package var description: String {
            instruction < 0 ? reason : "instruction \(instruction): \(reason)"
        }
    }

    /// BPF_MAXINSNS of linux/bpf_common.h.
    package static let maximumLength = 4096
    /// sizeof(struct seccomp_data).
    package static let dataSize: UInt32 = 64

    /// The program, which the kernel would accept.
    package let program: [CBPFInstruction]

    /// Takes a program that passes the kernel's checks for classic filters in general (bpf_check_classic, net/core/filter.c)
    /// and for seccomp (seccomp_check_filter, kernel/seccomp.c; both unchanged since 3.5 in what they refuse).
    package init(_ program: [CBPFInstruction]) throws(Refusal) {
        guard !program.isEmpty, program.count <= Self.maximumLength else {
            throw Refusal(instruction: -1, reason: "a program has 1 to 4096 instructions, not \(program.count)")
        }
        // Which of the 16 memory words hold something, on every path that reaches an instruction.
        var reached = [UInt16](repeating: .max, count: program.count)
        var valid: UInt16 = 0
        for (place, step) in program.enumerated() {
            func check(_ condition: Bool, _ reason: String) throws(Refusal) {
                guard condition else { throw Refusal(instruction: place, reason: reason) }
            }
            try check(CBPFCode.allowed.contains(step.code), "code \(step.code) is not for seccomp filters")
            valid &= reached[place]
            let left = program.count - place - 1
            switch step.code {
            case CBPFCode.loadAbsolute:
                try check(step.k < Self.dataSize && step.k % 4 == 0, "no word at offset \(step.k) of the data")
            case 0x34: try check(step.k != 0, "division by zero")
            case 0x64, 0x74: try check(step.k < 32, "shift by \(step.k)")
            case CBPFCode.store, CBPFCode.storeIndex:
                try check(step.k < 16, "no memory word \(step.k)")
                valid |= 1 << UInt16(step.k)
            case CBPFCode.loadMemory, CBPFCode.loadIndexMemory:
                try check(step.k < 16, "no memory word \(step.k)")
                try check(valid & (1 << UInt16(step.k)) != 0, "memory word \(step.k) is not set on every path")
            case CBPFCode.jump:
                try check(step.k < left, "jump past the end")
                reached[place + 1 + Int(step.k)] &= valid
                valid = .max
            case let code where CBPFCode.conditionalJumps.contains(code & ~CBPFCode.operandIsIndex):
                try check(Int(step.jt) < left && Int(step.jf) < left, "jump past the end")
                reached[place + 1 + Int(step.jt)] &= valid
                reached[place + 1 + Int(step.jf)] &= valid
                valid = .max
            default: break
            }
        }
        let last = program[program.count - 1].code
        guard last == CBPFCode.returnConstant || last == CBPFCode.returnAccumulator else {
            throw Refusal(instruction: program.count - 1, reason: "the last instruction does not return")
        }
        self.program = program
    }

    /// What the filter returns for `call`, with `instructionPointer` in seccomp_data.
    package func run(_ call: borrowing FilterPolicy.Call, instructionPointer: UInt64 = 0) -> UInt32 {
        run(call, from: 0, accumulator: 0, instructionPointer: instructionPointer)
    }

    /// The same from an instruction on, with index register and memory as at the start.
    func run(
        _ call: borrowing FilterPolicy.Call, from first: Int, accumulator held: UInt32, instructionPointer: UInt64 = 0
    ) -> UInt32 {
        var accumulator = held
        var index: UInt32 = 0
        var memory: InlineArray<16, UInt32> = InlineArray(repeating: 0)
        var place = first
        while place < program.count {
            let step = program[place]
            place += 1
            switch step.code {
            case CBPFCode.loadAbsolute: accumulator = Self.word(step.k, call, instructionPointer)
            case CBPFCode.loadLength: accumulator = Self.dataSize
            case CBPFCode.loadIndexLength: index = Self.dataSize
            case CBPFCode.loadImmediate: accumulator = step.k
            case CBPFCode.loadIndexImmediate: index = step.k
            case CBPFCode.loadMemory: accumulator = memory[Int(step.k)]
            case CBPFCode.loadIndexMemory: index = memory[Int(step.k)]
            case CBPFCode.store: memory[Int(step.k)] = accumulator
            case CBPFCode.storeIndex: memory[Int(step.k)] = index
            case CBPFCode.returnConstant: return step.k
            case CBPFCode.returnAccumulator: return accumulator
            case CBPFCode.toIndex: index = accumulator
            case CBPFCode.toAccumulator: accumulator = index
            case CBPFCode.negate: accumulator = 0 &- accumulator
            case CBPFCode.jump: place += Int(step.k)
            case 0x15: place += Int(accumulator == step.k ? step.jt : step.jf)
            case 0x25: place += Int(accumulator > step.k ? step.jt : step.jf)
            case 0x35: place += Int(accumulator >= step.k ? step.jt : step.jf)
            case 0x45: place += Int(accumulator & step.k != 0 ? step.jt : step.jf)
            case 0x1D: place += Int(accumulator == index ? step.jt : step.jf)
            case 0x2D: place += Int(accumulator > index ? step.jt : step.jf)
            case 0x3D: place += Int(accumulator >= index ? step.jt : step.jf)
            case 0x4D: place += Int(accumulator & index != 0 ? step.jt : step.jf)
            default:
                let operand = step.code & CBPFCode.operandIsIndex != 0 ? index : step.k
                guard let result = Self.compute(step.code & ~CBPFCode.operandIsIndex, accumulator, operand) else {
                    return 0
                }
                accumulator = result
            }
        }
        return 0
    }

    /// Arithmetic in 32 bits. Nil for a division by zero, which ends the program with 0; shifts count modulo 32.
    private static func compute(_ code: UInt16, _ left: UInt32, _ right: UInt32) -> UInt32? {
        switch code {
        case 0x04: left &+ right
        case 0x14: left &- right
        case 0x24: left &* right
        case 0x34: right == 0 ? nil : left / right
        case 0x44: left | right
        case 0x54: left & right
        case 0x64: left &<< right
        case 0x74: left &>> right
        default: left ^ right
        }
    }

    /// The 32-bit word at a byte offset of struct seccomp_data; both machines are little-endian.
    private static func word(_ offset: UInt32, _ call: borrowing FilterPolicy.Call, _ pointer: UInt64) -> UInt32 {
        switch offset {
        case 0: return UInt32(bitPattern: call.number)
        case 4: return call.auditArchitecture
        default:
            let quad = offset < 16 ? pointer : call.arguments[Int(offset - 16) / 8]
            return UInt32(truncatingIfNeeded: offset & 4 == 0 ? quad : quad >> 32)
        }
    }
}
