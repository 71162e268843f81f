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

    /// The families to allow: the learned ones, or without a list every one below 64, but for the refused ones of tier 1.
    static func families(_ learned: Set<UInt32>?, accepting accepted: Set<String>) -> Set<UInt32> {
        (learned ?? Set(0..<64)).subtracting(refusedFamilies(accepting: accepted))
    }

    private static func refusedFamilies(accepting accepted: Set<String>) -> Set<UInt32> {
        Set(NeverAllow.socketFamilies.filter { !accepted.contains($0.key) }.values)
    }

    /// Rules that allow `families`, as far as `base` does. The refused get EPERM where `explainingRefusals` (not with i386:
    /// socketcall has one entry for them all).
    static func socket(
        families: Set<UInt32>, isList: Bool, base: GeneratorBase?, accepting accepted: Set<String>,
        explainingRefusals: Bool
    ) -> [OCISeccompProfile.Rule] {
        var free: Set<UInt32> = []
        var bound: [OCISeccompProfile.Rule] = []
        for family in families.sorted() {
            let ways = base?.conditions(of: "socket", where: 0, is: family) ?? [[]]
            if ways.contains([]) {
                free.insert(family)
                continue
            }
            var tight: [[OCISeccompProfile.Argument]] = []
            for way in ways.flatMap(tightened) where !tight.contains(way) { tight.append(way) }
            bound += tight.map { way in
                OCISeccompProfile.Rule(
                    names: ["socket"], action: .allow,
                    args: [.masked(0, mask: lowHalf, equals: UInt64(family))] + way)
            }
        }
        let patterns: [OCISeccompProfile.Argument] =
            isList
            ? free.sorted().map { .masked(0, mask: lowHalf, equals: UInt64($0)) }
            : prefixes(from: 0, bits: 6, without: Set(0..<64).subtracting(free))
        var rules = patterns.map { OCISeccompProfile.Rule(names: ["socket"], action: .allow, args: [$0]) } + bound
        if explainingRefusals {
            rules += refusedFamilies(accepting: accepted).sorted().map {
                OCISeccompProfile.Rule(
                    names: ["socket"], action: .errno, errnoRet: 1,
                    args: [.masked(0, mask: lowHalf, equals: UInt64($0))])
            }
        }
        return rules
    }

    /// The same condition without a comparison that the upper half of a register can make true: "any protocol but 9", as
    /// Podman has it for AF_NETLINK, becomes the other ones below 64. Netlink has 32, linux/netlink.h.
    private static func tightened(_ way: [OCISeccompProfile.Argument]) -> [[OCISeccompProfile.Argument]] {
        guard way.count == 1, let only = way.first, only.op == .notEqual, let hole = UInt32(exactly: only.value),
            hole < 64
        else { return [way] }
        return prefixes(from: 0, bits: 6, without: [hole], index: only.index).map { [$0] }
    }

    /// Terminal requests that put words into another's mouth: TIOCSTI and TIOCLINUX, ioctl_tty(2).
    static let refusedRequests: Set<UInt32> = [0x5412, 0x541C]

    /// Rules that let ioctl make the learned requests, or without a list every one but the refused, which get EPERM.
    static func ioctl(requests: Set<UInt32>?) -> [OCISeccompProfile.Rule] {
        let allowed: [OCISeccompProfile.Argument] =
            if let requests {
                requests.subtracting(refusedRequests).sorted().map { .masked(1, mask: lowHalf, equals: UInt64($0)) }
            } else {
                prefixes(from: 0, bits: 32, without: refusedRequests, index: 1)
            }
        return allowed.map { OCISeccompProfile.Rule(names: ["ioctl"], action: .allow, args: [$0]) }
            + refusedRequests.sorted().map {
                OCISeccompProfile.Rule(
                    names: ["ioctl"], action: .errno, errnoRet: 1,
                    args: [.masked(1, mask: lowHalf, equals: UInt64($0))])
            }
    }

    /// What the runtimes set under the filter, prctl(2): PDEATHSIG, the dumpable flag, keeping and dropping capabilities, the
    /// name, no_new_privs, ambient capabilities, the filter.
    static let runtimeOptions: Set<UInt32> = [1, 3, 4, 7, 8, 15, 22, 23, 24, 38, 39, 47]

    /// Rules that let `call`'s first argument have one of `values`.
    static func listed(_ call: String, _ values: Set<UInt32>) -> [OCISeccompProfile.Rule] {
        values.sorted().map {
            OCISeccompProfile.Rule(
                names: [call], action: .allow, args: [.masked(0, mask: lowHalf, equals: UInt64($0))])
        }
    }

    /// The fewest aligned blocks that make up `first ..< first + 2^bits` without `holes`, each as one comparison.
    private static func prefixes(
        from first: UInt64, bits: UInt64, without holes: Set<UInt32>, index: Int = 0
    ) -> [OCISeccompProfile.Argument] {
        let size: UInt64 = 1 << bits
        guard holes.contains(where: { UInt64($0) >= first && UInt64($0) < first + size }) else {
            return [.masked(index, mask: lowHalf & ~(size - 1), equals: first)]
        }
        guard bits > 0 else { return [] }
        return prefixes(from: first, bits: bits - 1, without: holes, index: index)
            + prefixes(from: first + size / 2, bits: bits - 1, without: holes, index: index)
    }
}
