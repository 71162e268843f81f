// SPDX-License-Identifier: Apache-2.0
internal import Events

/// The profile that a generated one stays inside of: an engine's default, resolved for a container.
package struct GeneratorBase: Sendable {
    /// As people call it: `docker-default (moby/moby 20.10.24)`.
    package let name: String
    package let profile: OCISeccompProfile
    private let verdicts: ProfileVerdicts

    package init(name: String, profile: OCISeccompProfile) {
        self.name = name
        self.profile = profile
        verdicts = ProfileVerdicts(profile)
    }

    /// Whether it lets `call` pass with some arguments.
    package func opens(_ call: String) -> Bool { verdicts.verdict(of: call).isOpen }

    /// Whether it does so with all of them.
    func opensFully(_ call: String) -> Bool { verdicts.verdict(of: call).isFullyOpen }

    /// The calls of a machine that pass it, sorted.
    func calls(on architecture: Architecture) -> [String] {
        SyscallTable.table(.native, on: architecture).entries.map(\.name).filter(opens).sorted()
    }

    /// Its own rules for `call`, alone.
    func rules(for call: String) -> [OCISeccompProfile.Rule] {
        profile.syscalls.filter { $0.filterAction != profile.defaultFilterAction && $0.names.contains(call) }.map {
            OCISeccompProfile.Rule(names: [call], action: $0.action, errnoRet: $0.errnoRet, args: $0.args)
        }
    }

    /// Under which further conditions it lets `call` pass when argument `index` has the 32-bit value `value`: none if there
    /// is no way, an empty one if there is no condition.
    func conditions(of call: String, where index: Int, is value: UInt32) -> [[OCISeccompProfile.Argument]] {
        guard !opensFully(call) else { return [[]] }
        var ways: [[OCISeccompProfile.Argument]] = []
        for rule in rules(for: call) {
            for alternative in rule.alternatives {
                let asked = alternative.filter { $0.index == index }
                guard asked.allSatisfy({ $0.holds(UInt64(value), narrow: true) }) else { continue }
                let rest = alternative.filter { $0.index != index }
                guard rule.filterAction.reachesKernel else {
                    // A refusal without further conditions, before anything that allows it, is the answer.
                    if rest.isEmpty { return ways }
                    continue
                }
                if rest.isEmpty { return [[]] }
                ways.append(rest)
            }
        }
        return ways
    }
}
