// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Profiles

/// The rules on arguments: clone's flags and socket's address family. Only masked comparisons of the low 32 bits: both
/// arguments are 32 bits wide for the kernel, and a program may leave anything in the upper half of the register.
enum ArgumentRules {
    /// Both arguments' width.
    static let lowHalf: UInt64 = 0xFFFF_FFFF
    /// Calls, runs a learned list of families must rest on.
    static let leastCalls: UInt64 = 30
    static let leastRuns = 3

    /// Rules that let clone create processes and threads, and namespaces only as accepted; a refused namespace fails with
    /// EPERM, as it does for a user without privileges.
    static func clone(accepting accepted: Set<String>) -> [OCISeccompProfile.Rule] {
        let refused = NeverAllow.cloneFlags.filter { !accepted.contains($0.key) }.map { UInt64($0.value) }.sorted()
        guard !refused.isEmpty else { return [OCISeccompProfile.Rule(names: ["clone"], action: .allow)] }
        let mask = refused.reduce(0, |)
        return [
            OCISeccompProfile.Rule(names: ["clone"], action: .allow, args: [.masked(0, mask: mask, equals: 0)])
        ]
            + refused.map {
                OCISeccompProfile.Rule(
                    names: ["clone"], action: .errno, errnoRet: 1, args: [.masked(0, mask: $0, equals: $0)])
            }
    }

    /// Whether the families seen are enough to allow no others.
    static func suffices(_ evidence: ArgumentEvidence) -> Bool {
        !evidence.overflowed && evidence.calls >= leastCalls && evidence.runs >= leastRuns && !evidence.grewLate
    }

    /// Rules that allow `families`, or without a list every one below 64 but the refused ones of tier 1. The refused get
    /// EPERM where `explainingRefusals` (not with i386: socketcall has one entry for them all).
    static func socket(
        families: Set<UInt32>?, accepting accepted: Set<String>, explainingRefusals: Bool
    ) -> [OCISeccompProfile.Rule] {
        let refused = Set(NeverAllow.socketFamilies.filter { !accepted.contains($0.key) }.values)
        let patterns: [OCISeccompProfile.Argument] =
            if let families {
                families.subtracting(refused).sorted().map { .masked(0, mask: lowHalf, equals: UInt64($0)) }
            } else {
                prefixes(from: 0, bits: 6, without: refused)
            }
        var rules = patterns.map { OCISeccompProfile.Rule(names: ["socket"], action: .allow, args: [$0]) }
        if explainingRefusals {
            rules += refused.sorted().map {
                OCISeccompProfile.Rule(
                    names: ["socket"], action: .errno, errnoRet: 1,
                    args: [.masked(0, mask: lowHalf, equals: UInt64($0))])
            }
        }
        return rules
    }

    /// The fewest aligned blocks that make up `first ..< first + 2^bits` without `holes`, each as one comparison.
    private static func prefixes(
        from first: UInt32, bits: UInt32, without holes: Set<UInt32>
    ) -> [OCISeccompProfile.Argument] {
        let size: UInt32 = 1 << bits
        guard holes.contains(where: { $0 >= first && $0 < first + size }) else {
            return [.masked(0, mask: lowHalf & ~UInt64(size - 1), equals: UInt64(first))]
        }
        guard bits > 0 else { return [] }
        return prefixes(from: first, bits: bits - 1, without: holes)
            + prefixes(from: first + size / 2, bits: bits - 1, without: holes)
    }
}
