// SPDX-License-Identifier: Apache-2.0

/// Finds what of many things a condition needs, in as few trials as may be: Junker's QuickXplain, k log n of them for k of n.
enum Bisection {
    /// A smallest part of `candidates` for which `holds` is true: without any one of them it is false. It must be true for
    /// all of them, and false for none.
    static func needed(
        of candidates: [String], holds: ([String]) throws(CommandFailure) -> Bool
    ) throws(CommandFailure) -> [String] {
        try needed(of: candidates, beside: [], isAsked: false, holds)
    }

    private static func needed(
        of candidates: [String], beside given: [String], isAsked: Bool,
        _ holds: ([String]) throws(CommandFailure) -> Bool
    ) throws(CommandFailure) -> [String] {
        if isAsked, try holds(given) { return [] }
        guard candidates.count > 1 else { return candidates }
        let first = Array(candidates[..<(candidates.count / 2)])
        let second = Array(candidates[(candidates.count / 2)...])
        let ofSecond = try needed(of: second, beside: given + first, isAsked: true, holds)
        let ofFirst = try needed(of: first, beside: given + ofSecond, isAsked: !ofSecond.isEmpty, holds)
        return ofFirst + ofSecond
    }
}
