// SPDX-License-Identifier: Apache-2.0
internal import CShims

/// What a filter does with each call number of one architecture, all 2^32 of them: its branches are followed with ranges of
/// numbers in place of single ones. Where a branch asks for an argument, calls are run one by one from there on.
struct NumberBranches: Sendable {
    /// What the accumulator holds, as far as it depends on the number alone.
    enum Accumulator: Equatable, Sendable {
        case number
        case constant(UInt32)
    }

    /// Where a range of numbers ends.
    enum Outcome: Equatable, Sendable {
        /// With this return value.
        case answer(UInt32)
        /// Before this instruction, which looks at more than the number; index register and memory are as at the start.
        case rest(place: Int, Accumulator)
    }

    /// Numbers that the filter treats alike, as the kernel passes them: unsigned, with x32's bit.
    struct Range: Equatable, Sendable {
        let first: UInt32
        let last: UInt32
        let outcome: Outcome
    }

    /// In order and without a gap: together they are every number.
    let ranges: [Range]
    private let interpreter: CBPFInterpreter

    /// Follows the filter for calls of an `AUDIT_ARCH_*` value. Every number takes one way, jumps go forward only, and an
    /// instruction cuts at most one range, in three: there are at most twice as many ranges as instructions, and one.
    init(_ interpreter: CBPFInterpreter, auditArchitecture: UInt32) {
        self.interpreter = interpreter
        let program = interpreter.program
        var pending = [[Flow]](repeating: [], count: program.count)
        pending[0] = [Flow(accumulator: .constant(0), pieces: [Flow.Piece(first: 0, last: .max)])]
        var found: [Range] = []
        for (place, step) in program.enumerated() where !pending[place].isEmpty {
            var flows = pending[place]
            pending[place] = []
            while var flow = flows.popLast() {
                switch step.code {
                case CBPFCode.loadAbsolute where step.k == 0:
                    flow.accumulator = .number
                    flow.join(&pending[place + 1])
                case CBPFCode.loadAbsolute where step.k == 4:
                    flow.accumulator = .constant(auditArchitecture)
                    flow.join(&pending[place + 1])
                case CBPFCode.jump: flow.join(&pending[place + 1 + Int(step.k)])
                case 0x15, 0x25, 0x35:
                    flow.split(step.code, step.k).join(&pending[place + 1 + Int(step.jt)])
                    flow.join(&pending[place + 1 + Int(step.jf)])
                default:
                    let isAnswer = step.code == CBPFCode.returnConstant
                    let outcome: Outcome = isAnswer ? .answer(step.k) : .rest(place: place, flow.accumulator)
                    found += flow.pieces.map { Range(first: $0.first, last: $0.last, outcome: outcome) }
                }
            }
        }
        ranges = found.sorted { $0.first < $1.first }
    }

    /// What the filter returns for a call of this architecture: the same as when it is run from its first instruction.
    func run(_ call: borrowing FilterPolicy.Call) -> UInt32 {
        let number = UInt32(bitPattern: call.number)
        var (low, high) = (0, ranges.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].last < number { low = middle + 1 } else { high = middle }
        }
        switch ranges[low].outcome {
        case .answer(let value): return value
        case .rest(let place, .number): return interpreter.run(call, from: place, accumulator: number)
        case .rest(let place, .constant(let value)): return interpreter.run(call, from: place, accumulator: value)
        }
    }
}

/// Numbers on their way through a filter, with the same accumulator.
private struct Flow {
    struct Piece {
        var first: UInt32
        var last: UInt32
    }

    var accumulator: NumberBranches.Accumulator
    /// Disjoint, in no order.
    var pieces: [Piece]

    /// Goes on where others may have arrived.
    consuming func join(_ others: inout [Flow]) {
        guard !pieces.isEmpty else { return }
        guard let place = others.firstIndex(where: { $0.accumulator == accumulator }) else {
            return others.append(self)
        }
        others[place].pieces += pieces
    }

    /// Takes out what a comparison with a constant holds for: equal (0x15), greater (0x25), greater or equal (0x35).
    mutating func split(_ code: UInt16, _ k: UInt32) -> Flow {
        var taken = Flow(accumulator: accumulator, pieces: [])
        if case .constant(let value) = accumulator {
            if code == 0x15 ? value == k : code == 0x25 ? value > k : value >= k { swap(&taken.pieces, &pieces) }
            return taken
        }
        guard code == 0x15 else {
            // The first number for which it holds; none is greater than the greatest.
            guard code == 0x35 || k < .max else { return taken }
            let limit = code == 0x35 ? k : k + 1
            taken.pieces = pieces.filter { $0.last >= limit }
                .map { Piece(first: max($0.first, limit), last: $0.last) }
            if limit == 0 {
                pieces = []
            } else {
                pieces = pieces.filter { $0.first < limit }.map {
                    Piece(first: $0.first, last: min($0.last, limit - 1))
                }
            }
            return taken
        }
        guard let place = pieces.firstIndex(where: { $0.first <= k && k <= $0.last }) else { return taken }
        taken.pieces = [Piece(first: k, last: k)]
        let whole = pieces[place]
        switch (whole.first < k, k < whole.last) {
        case (true, true):
            pieces[place].last = k - 1
            pieces.append(Piece(first: k + 1, last: whole.last))
        case (true, false): pieces[place].last = k - 1
        case (false, true): pieces[place].first = k + 1
        case (false, false): pieces.remove(at: place)
        }
        return taken
    }
}
