// SPDX-License-Identifier: Apache-2.0
import Events
import Platform
import Profiles
import Seccomp

extension BehaviourProfile {
    /// Names of the calls made in one phase.
    func names(_ phase: Phase = .workload, _ abi: CallABI = .native) -> Set<String> {
        let named = calls[abi.name(on: .current)] ?? [:]
        return Set(named.filter { $0.value.phases[phase.name] != nil }.keys)
    }

    /// Calls that are held for review, in the native ABI.
    var heldCalls: Set<String> {
        Set((calls[CallABI.native.name(on: .current)] ?? [:]).filter { $0.value.held != nil }.keys)
    }

    /// Whether the workload made a call in the native ABI.
    func made(_ name: String) -> Bool { names().contains(name) }
}

/// A seccomp profile as a file.
struct SeccompFile {
    let profile: OCISeccompProfile

    init(_ path: String) throws {
        profile = try OCISeccompProfile.read(try FileBytes.read(path, limit: 1 << 20), file: path).profile
    }

    /// Calls allowed without a condition on their arguments.
    var allowed: Set<String> {
        Set(profile.syscalls.filter { $0.action == .allow && ($0.args ?? []).isEmpty }.flatMap(\.names))
    }
}
