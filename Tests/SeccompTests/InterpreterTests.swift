// SPDX-License-Identifier: Apache-2.0
import Seccomp
import Testing

@Suite("Classic BPF interpreter")
struct InterpreterTests {
    private func run(
        _ program: [CBPFInstruction], _ arguments: [UInt64] = [], number: Int32 = 7, pointer: UInt64 = 0
    ) throws -> UInt32 {
        let call = FilterPolicy.Call(auditArchitecture: 0xC000_003E, number: number, arguments: arguments)
        return try CBPFInterpreter(program).run(call, instructionPointer: pointer)
    }

    @Test("every word of seccomp_data is where the kernel puts it")
    func words() throws {
        let arguments = (0..<6).map { UInt64($0 + 1) << 32 | UInt64($0 + 101) }
        func word(_ offset: UInt32) throws -> UInt32 {
            try run([.step(0x20, offset), .step(0x16, 0)], arguments, number: -5, pointer: 0xAAAA_0000_BBBB)
        }
        #expect(try word(0) == UInt32(bitPattern: -5))
        #expect(try word(4) == 0xC000_003E)
        #expect(try word(8) == 0x0000_BBBB)
        #expect(try word(12) == 0xAAAA)
        for index in UInt32(0)..<6 {
            #expect(try word(16 + 8 * index) == index + 101)
            #expect(try word(20 + 8 * index) == index + 1)
        }
    }

    @Test(
        "arithmetic is 32 bits wide",
        arguments: [
            (0x04, 0xFFFF_FFFF, 2, 1), (0x14, 1, 2, 0xFFFF_FFFF), (0x24, 0x8000_0000, 2, 0), (0x34, 7, 2, 3),
            (0x44, 5, 2, 7), (0x54, 6, 3, 2), (0x64, 1, 31, 0x8000_0000), (0x74, 0x8000_0000, 31, 1), (0xA4, 6, 3, 5),
        ] as [(UInt16, UInt32, UInt32, UInt32)])
    func arithmetic(_ code: UInt16, _ left: UInt32, _ right: UInt32, _ result: UInt32) throws {
        #expect(try run([.step(0x00, left), .step(code, right), .step(0x16, 0)]) == result)
        #expect(
            try run([.step(0x00, left), .step(0x01, right), .step(code | 8, 0), .step(0x16, 0)]) == result)
    }

    @Test("a division by an X of zero ends the program with 0, a shift counts modulo 32, NEG and moves work")
    func oddities() throws {
        #expect(try run([.step(0x00, 9), .step(0x01, 0), .step(0x3C, 0), .step(0x06, 5)]) == 0)
        #expect(try run([.step(0x00, 1), .step(0x01, 33), .step(0x6C, 0), .step(0x16, 0)]) == 2)
        #expect(try run([.step(0x00, 1), .step(0x84, 0), .step(0x16, 0)]) == 0xFFFF_FFFF)
        #expect(try run([.step(0x00, 3), .step(0x07, 0), .step(0x00, 0), .step(0x87, 0), .step(0x16, 0)]) == 3)
        #expect(try run([.step(0x00, 4), .step(0x02, 15), .step(0x00, 0), .step(0x60, 15), .step(0x16, 0)]) == 4)
        #expect(try run([.step(0x80, 0), .step(0x16, 0)]) == 64)
    }

    @Test(
        "jumps compare without sign",
        arguments: [
            (0x15, 5, 5, true), (0x15, 5, 6, false), (0x25, 0x8000_0000, 1, true), (0x25, 1, 1, false),
            (0x35, 1, 1, true), (0x35, 0, 1, false), (0x45, 6, 2, true), (0x45, 4, 2, false),
        ] as [(UInt16, UInt32, UInt32, Bool)])
    func jumps(_ code: UInt16, _ left: UInt32, _ right: UInt32, _ taken: Bool) throws {
        let end: [CBPFInstruction] = [.step(0x06, 1), .step(0x06, 2)]
        #expect(try run([.step(0x00, left), .step(code, right, jt: 1, jf: 0)] + end) == (taken ? 2 : 1))
        let index: [CBPFInstruction] = [.step(0x00, left), .step(0x01, right), .step(code | 8, 0, jt: 1, jf: 0)]
        #expect(try run(index + end) == (taken ? 2 : 1))
        #expect(try run([.step(0x05, 1)] + end) == 2)
    }

    @Test(
        "what the kernel refuses is refused",
        arguments: [
            [], [.step(0x00, 1)], [.step(0x20, 64), .step(0x06, 0)], [.step(0x20, 2), .step(0x06, 0)],
            [.step(0x28, 0), .step(0x06, 0)], [.step(0x40, 0), .step(0x06, 0)], [.step(0x94, 3), .step(0x06, 0)],
            [.step(0x34, 0), .step(0x06, 0)], [.step(0x64, 32), .step(0x06, 0)], [.step(0x74, 40), .step(0x06, 0)],
            [.step(0x02, 16), .step(0x06, 0)], [.step(0x60, 0), .step(0x06, 0)], [.step(0x05, 1), .step(0x06, 0)],
            [.step(0x05, .max), .step(0x06, 0)], [.step(0x15, 0, jt: 1), .step(0x06, 0)],
            [.step(0x15, 0, jf: 255), .step(0x06, 0)], [.step(0x06, 0), .step(0x15, 0)], [.step(0xFFFF, 0)],
            [.step(0x15, 0, jt: 1), .step(0x02, 3), .step(0x60, 3), .step(0x06, 0)],
            [CBPFInstruction](repeating: .step(0x06, 0), count: 4097),
        ] as [[CBPFInstruction]])
    func refusals(_ program: [CBPFInstruction]) {
        #expect(throws: CBPFInterpreter.Refusal.self) { try CBPFInterpreter(program) }
    }

    @Test("the longest program and memory set on every path are accepted")
    func accepted() throws {
        _ = try CBPFInterpreter([CBPFInstruction](repeating: .step(0x06, 0), count: 4096))
        _ = try CBPFInterpreter(
            [.step(0x02, 3), .step(0x15, 0, jt: 1), .step(0x00, 1), .step(0x60, 3), .step(0x06, 0)])
    }
}
