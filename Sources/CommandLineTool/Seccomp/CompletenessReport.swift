// SPDX-License-Identifier: Apache-2.0
import Control
import Profiles

/// A completeness, as people and scripts read it.
struct CompletenessReport {
    let completeness: Completeness
    private let name: String

    init(_ completeness: Completeness, name: String) {
        self.completeness = completeness
        self.name = name
    }

    func lines(columns: Int) -> [String] {
        let unit = completeness.unit.rawValue
        var lines = [
            "\(name): \(NumberText.counted(completeness.seen, "call")) seen in "
                + NumberText.counted(completeness.units, unit)
        ]
        if let expected = completeness.expected, let coverage = completeness.coverage,
            let next = completeness.expectedNext
        {
            lines.append("there are at least \(Self.decimal(expected)) calls (Chao2)")
            lines.append("coverage: \(Self.decimal(coverage * 100)) % of what another \(unit) does is known")
            lines.append("another \(unit) is expected to bring \(Self.decimal(next)) new calls")
        } else {
            lines.append(
                completeness.seen == 0
                    ? "no call of the workload was seen: nothing can be estimated"
                    : "no estimate: that takes \(Completeness.leastUnits) \(unit)s; join them with ringfence seccomp merge"
            )
        }
        if completeness.units > 1 {
            lines.append(
                completeness.fragile.isEmpty
                    ? "no call was seen in one \(unit) alone"
                    : "\(NumberText.counted(completeness.fragile.count, "fragile call")), seen in one \(unit) alone:")
            lines += completeness.fragile.map { call in
                "  \(call.call) (\(call.abi)), by \(call.executables.prefix(4).joined(separator: ", "))"
                    + (call.executables.count > 4 ? " and \(call.executables.count - 4) more" : "")
            }
        }
        if completeness.units >= 3, completeness.seen > 0 {
            lines.append("calls known after so many \(unit)s, on average:")
            lines += CurvePlot.lines(
                completeness.curve, limit: completeness.expected, columns: min(max(columns, 40), 100), rows: 10)
        }
        return lines
    }

    /// With one digit behind the point.
    static func decimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(NumberText.grouped(tenths / 10)).\(tenths % 10)"
    }

    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return [
            "schema": "ringfence.seccomp-complete/v1", "profile": .string(name),
            "unit": .string(completeness.unit.rawValue), "units": .integer(Int64(completeness.units)),
            "seen": .integer(Int64(completeness.seen)), "once": .integer(Int64(completeness.fragile.count)),
            "twice": .integer(Int64(completeness.twice)), "chao2": number(completeness.expected),
            "coverage": number(completeness.coverage), "expectedNext": number(completeness.expectedNext),
            "curve": .array(completeness.curve.map { .number($0) }),
            "fragile": .array(
                completeness.fragile.map { call in
                    [
                        "call": .string(call.call), "abi": .string(call.abi),
                        "executables": .array(call.executables.map { .string($0) }),
                    ]
                }),
        ]
    }
}
