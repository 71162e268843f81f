// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Profiles

extension ProfileLint {
    /// How what is not allowed fails, and what is missing.
    mutating func judgeAnswers() {
        judgeDefault()
        judgeClone3()
        let late = CallLists.fallbacks.keys.sorted().filter { call in
            guard call != "clone3", line(of: call) != nil, case .always(let action) = verdicts.verdict(of: call) else {
                return false
            }
            guard !action.reachesKernel, action != .errno(38) else { return false }
            return CallLists.fallbacks[call]?.contains { verdicts.verdict(of: $0).isOpen } == true
        }
        for call in late {
            add(
                .fallbackDenied, line: line(of: call),
                "\(call) fails with \(verdicts.verdict(of: call)), so that programs do not fall back", calls: [call])
        }
        guard !profile.defaultFilterAction.reachesKernel else { return }
        let always = closed(AlwaysAllowed.calls)
        if !always.isEmpty {
            add(.missingAlways, "not allowed: \(always.joined(separator: ", "))", calls: always)
        }
        let runtimes: [(name: String, target: RuntimeNeeds.Target, isMeant: Bool)] = [
            ("runc", .runc, target.runtimes.contains(.runc)), ("crun", .crun, target.runtimes.contains(.crun)),
            ("systemd", .systemd, target == .systemd),
        ]
        for (runtime, target, isMeant) in runtimes where isMeant {
            let missing = closed(
                RuntimeNeeds.calls(for: target, observed: [], noNewPrivileges: noNewPrivileges))
            if !missing.isEmpty {
                add(
                    .missingRuntimeNeeds, "\(runtime) was measured to need \(missing.joined(separator: ", "))",
                    calls: missing)
            }
        }
    }

    /// Those of `calls` that the machine has and that do not pass.
    private func closed(_ calls: Set<String>) -> [String] {
        let native = SyscallTable.table(.native, on: context.architecture)
        return calls.filter { native.number($0) != nil && !verdicts.verdict(of: $0).isOpen }.sorted()
    }

    private mutating func judgeDefault() {
        switch profile.defaultFilterAction {
        case .allow, .log:
            add(
                .permissiveDefault, line: document.defaultLine,
                "the default is \(profile.defaultAction.rawValue): what is not named passes")
        case .killThread, .killProcess, .trap:
            add(.killingDefault, line: document.defaultLine, "the default is \(profile.defaultAction.rawValue)")
        case .errno(38):
            let named = Set(profile.syscalls.flatMap(\.names))
            let architectures = profile.architectures.filter { $0.machine == context.architecture }
            let native: FilterArchitecture = context.architecture == .arm64 ? .aarch64 : .x86_64
            let unnamed = Set((architectures + [native]).flatMap { CallCatalog.names(on: $0) }).subtracting(named)
            guard !unnamed.isEmpty else { return }
            add(
                .defaultNumberDropped, line: document.defaultLine,
                "\(unnamed.count) calls have no rule; an engine that drops defaultErrnoRet 38 answers EPERM to them")
        case .errno:
            add(
                .deniesUnknownWithEPERM, line: document.defaultLine,
                "calls without a rule fail with \(profile.defaultFilterAction.shortText)")
        case .notify, .trace: break
        }
    }

    private mutating func judgeClone3() {
        switch verdicts.verdict(of: "clone3") {
        case .always(.errno(38)): break
        case .always(let action) where !action.reachesKernel:
            add(.clone3, line: line(of: "clone3"), "clone3 answers \(action.shortText), not ENOSYS", calls: ["clone3"])
        default: add(.clone3, line: line(of: "clone3"), "clone3 is allowed", calls: ["clone3"])
        }
    }
}
