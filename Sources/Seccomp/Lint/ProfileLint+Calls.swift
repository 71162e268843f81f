// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Profiles

extension ProfileLint {
    /// Which grave calls pass.
    mutating func judgeCalls() {
        guard !profile.defaultFilterAction.reachesKernel else { return }
        let known = Set(
            policy.architectures.flatMap { architecture in
                SyscallTable.table(architecture.abi, on: architecture.machine).entries.map(\.name)
            })
        let open = verdicts.open.intersection(known)
        // What namespaces clone can make is a finding of its own, and so are the families of socket.
        for call in open.sorted() {
            let reason = NeverAllow.reason(for: call) ?? ""
            switch NeverAllow.tier(of: call) {
            case .never: add(.neverCall, line: line(of: call), "\(call) is allowed: \(reason)", calls: [call])
            case .justified: add(.unjustifiedCall, line: line(of: call), "\(call) is allowed: \(reason)", calls: [call])
            case .notable, nil: break
            }
        }
        let notable = open.filter { NeverAllow.tier(of: $0) == .notable }.sorted()
        if !notable.isEmpty {
            add(.notableCall, "seldom needed: \(notable.joined(separator: ", "))", calls: notable)
        }
        let flags = NeverAllow.cloneFlags.filter { reaches("clone", UInt64($0.value)) }.keys.sorted()
        if !flags.isEmpty {
            let names = flags.map { $0.replacing("clone:", with: "") }.joined(separator: ", ")
            add(.namespacesThroughClone, line: line(of: "clone"), "clone can be given \(names)", calls: ["clone"])
        }
        let families = NeverAllow.socketFamilies.filter { reaches("socket", UInt64($0.value)) }.keys.sorted()
        if !families.isEmpty {
            let names = families.map { $0.replacing("socket:", with: "") }.joined(separator: ", ")
            add(.socketFamilies, line: line(of: "socket"), "socket can be given \(names)", calls: ["socket"])
        }
        judgeMultiplexers()
    }

    /// Whether a native call passes with this first argument, alone or with bits in the upper half of the register.
    private func reaches(_ call: String, _ argument: UInt64) -> Bool {
        guard let number = SyscallTable.table(.native, on: context.architecture).number(call) else { return false }
        let native: FilterArchitecture = context.architecture == .arm64 ? .aarch64 : .x86_64
        return [argument, argument | 0xDEAD_BEEF_0000_0000].contains { value in
            policy.action(
                for: .init(
                    auditArchitecture: native.auditArchitecture, number: Int32(number), arguments: [value, 1, 0])
            ).reachesKernel
        }
    }

    private mutating func judgeMultiplexers() {
        guard profile.architectures.contains(.x86) else { return }
        let known = SyscallTable.table(.compat, on: context.architecture)
        for gate in MultiplexedCall.gates.sorted() where verdicts.verdict(of: gate).isFullyOpen {
            let behind = MultiplexedCall.all.filter { call, place in
                place.gate == gate && known.number(call) != nil && !verdicts.verdict(of: call).isFullyOpen
            }.keys.sorted()
            guard !behind.isEmpty else { continue }
            add(
                .multiplexer, line: line(of: gate), "\(gate) opens \(DocumentReader.list(behind)) without conditions",
                calls: [gate] + behind)
        }
        for call in verdicts.open.sorted() {
            guard let place = MultiplexedCall.all[call], case .conditional = verdicts.verdict(of: call),
                !verdicts.verdict(of: place.gate).isOpen
            else { continue }
            add(
                .multiplexer, line: line(of: call), "the conditions on \(call) are not asked of \(place.gate)",
                calls: [call])
        }
    }
}
