// SPDX-License-Identifier: Apache-2.0
internal import Events
package import Profiles

/// What a behaviour profile asks for, in the form of a seccomp profile that allows it and nothing else: the form in which it
/// is compared with others. It is no profile to run under.
package struct ObservedProfile: Sendable {
    package let profile: OCISeccompProfile
    /// The executables that made each call, sorted.
    package let users: [String: [String]]

    /// The phases that run under the container's filter and are the application's own.
    static let phases: [Phase] = [.workload, .sessionWorkload]

    package init(_ behaviour: BehaviourProfile) {
        var users: [String: Set<String>] = [:]
        var architectures: [FilterArchitecture] = []
        for abi in CallABI.allCases {
            guard let architecture = FilterArchitecture(abi, on: behaviour.architecture) else { continue }
            let entries = behaviour.calls[abi.name(on: behaviour.architecture)] ?? [:]
            var isSeen = abi == .native
            for (call, evidence) in entries where !call.hasPrefix("#") {
                let uses = Self.phases.compactMap { evidence.phases[$0.name] }
                guard !uses.isEmpty else { continue }
                isSeen = true
                users[call, default: []].formUnion(uses.flatMap(\.executables.keys))
            }
            if isSeen { architectures.append(architecture) }
        }
        self.users = users.mapValues { $0.sorted() }
        profile = OCISeccompProfile(
            defaultAction: .errno, defaultErrnoRet: 38, architectures: architectures,
            syscalls: users.isEmpty ? [] : [.init(names: users.keys.sorted(), action: .allow)])
    }
}
