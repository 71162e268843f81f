// SPDX-License-Identifier: Apache-2.0
internal import CLibSeccomp
internal import CShims
package import Events
internal import Platform

/// A profile as the program that the kernel runs, made by libseccomp in the way that runc makes it.
package struct CompiledFilter: Sendable {
    /// At most 4096 instructions, checked as the kernel checks them.
    package let interpreter: CBPFInterpreter
    /// SECCOMP_FILTER_FLAG_* for the kernel.
    private let flags: CUnsignedInt

    /// The instructions.
    package var program: [CBPFInstruction] { interpreter.program }

    /// The instructions as the kernel reads them, 8 bytes each in this machine's order: what seccomp_export_bpf(3) writes,
    /// `struct sock_filter` of linux/filter.h.
    package var bytes: [UInt8] {
        // SAFETY: instructions are plain memory without holes.
        unsafe program.withUnsafeBytes { unsafe Array($0) }
    }

    /// Compiles `profile` for `machine`. Like runc: names that libseccomp does not know and rules whose action is the
    /// default are skipped, two conditions on one argument are alternatives, and the native architecture is always in.
    /// `binaryTree` asks for libseccomp's other code shape, which crun uses. `subject` names the profile in errors.
    package init(
        _ profile: OCISeccompProfile, machine: Architecture = .current, binaryTree: Bool = false,
        subject: String = "seccomp profile"
    ) throws(SeccompError) {
        let context = try Self.context(profile, machine: machine, subject: subject)
        if binaryTree { try Self.check(context.useBinaryTree(), "binary tree", subject) }
        try self.init(exporting: context, profile, subject)
    }

    private init(
        exporting context: borrowing LibSeccompContext, _ profile: OCISeccompProfile, _ subject: String
    ) throws(SeccompError) {
        switch context.export() {
        case .failure(let failure):
            try Self.check(failure.errno, "export", subject)
            self.interpreter = try Self.checked([], subject: subject)
        case .success(let program):
            self.interpreter = try Self.checked(program, subject: subject)
        }
        flags = Self.flags(profile.flags ?? [])
    }

    /// Both code shapes that libseccomp makes of a profile, runc's and crun's, of rules that it is told once.
    static func shapes(
        of profile: OCISeccompProfile, machine: Architecture, subject: String
    ) throws(SeccompError) -> (chain: CompiledFilter, tree: CompiledFilter) {
        let context = try context(profile, machine: machine, subject: subject)
        let chain = try CompiledFilter(exporting: context, profile, subject)
        try check(context.useBinaryTree(), "binary tree", subject)
        let tree = try CompiledFilter(exporting: context, profile, subject)
        // A few calls make no tree; but nor does a libseccomp that keeps what it has exported.
        guard tree.bytes == chain.bytes else { return (chain, tree) }
        return (chain, try CompiledFilter(profile, machine: machine, binaryTree: true, subject: subject))
    }

    /// The program as libseccomp writes it for people: pseudo filter code, see `scmp_bpf_disasm(1)` for what it stands for.
    package static func text(
        of profile: OCISeccompProfile, machine: Architecture = .current, subject: String = "seccomp profile"
    ) throws(SeccompError) -> [UInt8] {
        let context = try context(profile, machine: machine, subject: subject)
        switch context.exportText() {
        case .success(let text): return text
        case .failure(let failure):
            try check(failure.errno, "export", subject)
            return []
        }
    }

    private static func context(
        _ profile: OCISeccompProfile, machine: Architecture, subject: String
    ) throws(SeccompError) -> LibSeccompContext {
        let defaultAction = profile.defaultFilterAction
        guard let context = LibSeccompContext(default: defaultAction) else {
            throw SeccompError(
                .compile, subject, "libseccomp does not take the default action \(profile.defaultAction.rawValue)",
                remedy: "use SCMP_ACT_ERRNO")
        }
        let own: FilterArchitecture = Architecture.current == .arm64 ? .aarch64 : .x86_64
        let native: FilterArchitecture = machine == .arm64 ? .aarch64 : .x86_64
        if native != own {
            try check(context.add(native), native.rawValue, subject)
            try check(context.remove(own), own.rawValue, subject)
        }
        for architecture in profile.architectures where architecture != native {
            try check(context.add(architecture), architecture.rawValue, subject)
        }
        for rule in profile.syscalls where rule.filterAction != defaultAction {
            for name in rule.names {
                // SAFETY: the name is a C string for the time of the call. -1 is __NR_SCMP_ERROR.
                let number = unsafe name.withCString { unsafe seccomp_syscall_resolve_name($0) }
                guard number != -1 else { continue }
                for conditions in rule.alternatives {
                    let errno = context.add(rule.filterAction, number: number, conditions: conditions)
                    try check(errno, "the rule for \(HostileText.escaped(name))", subject)
                }
            }
        }
        return context
    }

    private static func check(_ errno: CInt, _ what: String, _ subject: String) throws(SeccompError) {
        guard errno == 0 else {
            throw SeccompError(
                .compile, subject, "\(what): \(SystemError.message(errno))",
                remedy:
                    "correct that part of the profile, or use another libseccomp than \(CallCatalog.libraryVersion)"
            )
        }
    }

    /// SECCOMP_SET_MODE_FILTER's flags, linux/seccomp.h. WAIT_KILLABLE_RECV means nothing without a listener.
    private static func flags(_ names: [String]) -> CUnsignedInt {
        names.reduce(0) { flags, name in
            switch name {
            case "SECCOMP_FILTER_FLAG_TSYNC": flags | 1
            case "SECCOMP_FILTER_FLAG_LOG": flags | 2
            case "SECCOMP_FILTER_FLAG_SPEC_ALLOW": flags | 4
            default: flags
            }
        }
    }

    private static func checked(
        _ program: [CBPFInstruction], subject: String
    ) throws(SeccompError) -> CBPFInterpreter {
        do {
            return try CBPFInterpreter(program)
        } catch {
            throw SeccompError(
                .compile, subject, "the kernel would refuse the program: \(error)",
                remedy: "shorten the profile or its argument rules")
        }
    }

    /// What the filter answers to `call`.
    package func action(for call: FilterPolicy.Call) -> FilterAction {
        FilterAction(returnValue: interpreter.run(call))
    }

    /// Installs the filter on the calling thread, for good; it is inherited over fork and exec. Call it last before exec:
    /// from here on only what the profile allows works, and exec itself must be allowed. Without CAP_SYS_ADMIN the kernel
    /// wants `noNewPrivileges`, which takes set-uid programs their effect (prctl(2) PR_SET_NO_NEW_PRIVS, 3.5).
    package func load(noNewPrivileges: Bool, subject: String = "seccomp profile") throws(SeccompError) {
        // SAFETY: the kernel copies the program during the call.
        let errno = unsafe program.withUnsafeBufferPointer {
            unsafe rf_seccomp_install($0.baseAddress, $0.count, noNewPrivileges ? 1 : 0, flags)
        }
        guard errno == 0 else {
            throw SeccompError(
                .load, subject, SystemError.message(errno),
                remedy: noNewPrivileges
                    ? "check that the kernel has CONFIG_SECCOMP_FILTER"
                    : "run it as root or with no_new_privs set")
        }
    }

    /// Makes `calls` in a forked child under the filter: the errno of each, 0 where it worked. For tests, and to see that
    /// a filter works on this kernel.
    package func tried(_ calls: [(number: Int, arguments: [UInt64])]) throws(SeccompError) -> [CInt] {
        let raw = calls.map { call in
            var item = rf_raw_call()
            item.number = Int64(call.number)
            let a = call.arguments + Array(repeating: 0, count: max(0, 6 - call.arguments.count))
            item.arguments = (a[0], a[1], a[2], a[3], a[4], a[5])
            return item
        }
        var errnos = [CInt](repeating: 0, count: calls.count)
        // SAFETY: three arrays with the counts that are passed; the child works on its own copies.
        let errno = unsafe program.withUnsafeBufferPointer { program in
            unsafe raw.withUnsafeBufferPointer { raw in
                unsafe errnos.withUnsafeMutableBufferPointer { errnos in
                    unsafe rf_seccomp_try(
                        program.baseAddress, program.count, raw.baseAddress, raw.count, errnos.baseAddress)
                }
            }
        }
        guard errno == 0 else {
            throw SeccompError(
                .load, "a test process", SystemError.message(errno), remedy: "see whether the kernel allows filters")
        }
        return errnos
    }
}
