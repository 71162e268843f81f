// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Platform
internal import Profiles

/// Decides on one call after the other.
struct SimulationJudge {
    /// The phases that a container's filter is active in.
    static let phases: [Phase] = [.filteredSetup, .workload, .sessionFilteredSetup, .sessionWorkload]

    private let profile: OCISeccompProfile
    private let behaviour: BehaviourProfile
    private let policy: FilterPolicy
    private let verdicts: ProfileVerdicts

    init(_ profile: OCISeccompProfile, _ behaviour: BehaviourProfile) {
        self.profile = profile
        self.behaviour = behaviour
        policy = FilterPolicy(profile, machine: behaviour.architecture)
        verdicts = ProfileVerdicts(profile)
    }

    func denials(
        _ call: String, abi: String, _ evidence: CallEvidence, _ phases: [Phase]
    ) -> [Simulation.Denial] {
        guard !phases.isEmpty, let architecture = architecture(abi) else { return [] }
        let table = SyscallTable.table(architecture.abi, on: behaviour.architecture)
        guard let number = table.number(call) else { return [] }
        func action(_ argument: UInt64) -> FilterAction {
            policy.action(
                for: .init(
                    auditArchitecture: architecture.auditArchitecture,
                    number: Int32(truncatingIfNeeded: number) | architecture.numberBit, arguments: [argument]))
        }
        func denial(
            _ phases: [Phase], _ answer: String, _ kind: Simulation.Kind, values: [String] = []
        ) -> Simulation.Denial {
            let uses = phases.compactMap { evidence.phases[$0.name] }
            let executables = uses.reduce(into: [String: UInt64]()) { all, use in
                all.merge(use.executables) { $0.saturatingSum($1) }
            }
            return Simulation.Denial(
                abi: abi, call: call, values: values, phases: phases.map(\.name), answer: answer,
                executables: executables,
                runs: uses.map(\.runs).max() ?? 0, kind: kind)
        }
        let isListed = policy.architectures.contains(architecture)
        guard isListed, case .conditional = verdicts.verdict(of: call) else {
            let answer = action(0)
            guard !answer.reachesKernel else { return [] }
            let isFallback = answer == .errno(38) && profile.means(fallbackFrom: call)
            return [denial(phases, answer.shortText, isFallback ? .fallback : .denied)]
        }
        guard let argument = Self.argument(of: call), let known = behaviour.arguments[argument] else {
            return [denial(phases, verdicts.verdict(of: call).description, .undecided)]
        }
        return phases.flatMap { phase -> [Simulation.Denial] in
            guard let values = known.values[phase.name], !values.isEmpty else {
                return [denial([phase], verdicts.verdict(of: call).description, .undecided)]
            }
            let refused = values.filter { !action(UInt64($0)).reachesKernel }
            var found: [Simulation.Denial] = []
            for answer in Set(refused.map { action(UInt64($0)).shortText }).sorted() {
                let names = refused.filter { action(UInt64($0)).shortText == answer }.map { Self.name($0, argument) }
                found.append(denial([phase], answer, .denied, values: names))
            }
            if known.overflowed {
                found.append(denial([phase], verdicts.verdict(of: call).description, .undecided))
            }
            return found
        }
    }

    private func architecture(_ abi: String) -> FilterArchitecture? {
        CallABI.allCases.first { $0.name(on: behaviour.architecture) == abi }
            .flatMap { FilterArchitecture($0, on: behaviour.architecture) }
    }

    /// The recorded argument, which is the first one of its call.
    private static func argument(of call: String) -> String? {
        switch call {
        case "socket": "socket.family"
        case "clone": "clone.flags"
        default: nil
        }
    }

    private static func name(_ value: UInt32, _ argument: String) -> String {
        argument == "socket.family"
            ? SocketFamily.name(Int(value)) : value == 0 ? "0" : CloneFlags.names(UInt64(value)).joined(separator: "|")
    }
}
