// SPDX-License-Identifier: Apache-2.0

/// The cost of one execution, plain and watched.
struct ExecutionResult: Encodable {
    enum Kind: String, CaseIterable, Encodable, CodingKeyRepresentable {
        case plain, watched, bpftrace, strace

        /// What the table calls it.
        var title: String {
            switch self {
            case .plain: "nothing attached"
            case .watched: "ringfence, every hook, executable and edge known"
            case .bpftrace: Rung.bpftrace.title
            case .strace: Rung.strace.title
            }
        }
    }

    /// The run time of programs in one execution, microseconds.
    struct Hooks: Encodable {
        /// Of those on fork, exec and exit; of the one on every call, for all calls of the process.
        let execution: Double
        let calls: Double

        init(_ execution: Double, _ calls: Double) {
            self.execution = execution
            self.calls = calls
        }
    }

    /// Microseconds, one a pair or round.
    let times: [Kind: [Double]]
    let targets: [Target]
    /// What the hooks take of one execution by the kernel's own statistics, microseconds, one a pair.
    let hooks: [Hooks]
    /// Watched by plain, of a pair.
    let ratio: Estimate?
    /// What could not be measured, and why.
    let missing: [String]

    init(times: [Kind: [Double]], hooks: [Hooks], missing: [String]) {
        self.times = times
        self.hooks = hooks
        self.missing = missing
        let pairs = Array(zip(times[.watched] ?? [], times[.plain] ?? []))
        ratio = Estimate(medianOf: pairs.map { $0 / $1 })
        targets = [
            Target(
                "added to one execution, of a pair", Estimate(medianOf: pairs.map { $0 - $1 }), atMost: 10, unit: "us"),
            Target(
                "run time of the fork, exec and exit hooks", Estimate(medianOf: hooks.map(\.execution)), atMost: 10,
                unit: "us"),
        ]
    }

    var lines: [String] {
        let rows = Kind.allCases.compactMap { kind -> String? in
            guard let median = times[kind]?.median else { return nil }
            return "  " + Text.left(kind.title, 58) + Text.right(Text.number(median, digits: 1), 9) + " us"
        }
        let calls = Estimate(medianOf: hooks.map(\.calls)).map {
            ["  run time of the hook on its calls: \($0.text(digits: 2)) us"]
        }
        let more = (calls ?? []) + (ratio.map { ["  watched / plain, of a pair: \($0.text(digits: 3))"] } ?? [])
        return ["fork, exec, exit and wait of a small program, \(times[.plain]?.count ?? 0) pairs:"] + rows + more
            + Target.lines(targets) + missing.map { "  not measured: \($0)" }
    }
}
