// SPDX-License-Identifier: Apache-2.0
internal import Events
internal import Platform

extension ProfileLint {
    /// Calls that programs make so often that a condition's price is felt.
    private static let hot: Set<String> = [
        "read", "write", "readv", "writev", "pread64", "pwrite64", "recvfrom", "sendto", "recvmsg", "sendmsg", "futex",
        "epoll_wait", "epoll_pwait", "poll", "ppoll", "close", "fcntl", "mmap", "munmap", "mprotect", "madvise",
        "lseek",
        "clock_gettime", "fstat", "newfstatat",
    ]

    /// Arguments that have 32 bits for the kernel, for the calls that people write conditions on.
    private static let narrow: [String: Set<Int>] = [
        "socket": [0, 1, 2], "socketpair": [0, 1, 2], "clone": [0], "personality": [0], "ioctl": [0, 1], "prctl": [0],
        "fcntl": [0, 1], "kill": [0, 1], "tgkill": [0, 1, 2], "setsockopt": [0, 1, 2], "getsockopt": [0, 1, 2],
        "unshare": [0], "setns": [0, 1], "openat": [0, 2, 3], "open": [1, 2], "futex": [1, 2], "keyctl": [0],
        "bpf": [0],
        "mprotect": [], "accept4": [0, 3], "clone3": [], "sched_setscheduler": [0, 1], "memfd_create": [1],
    ]

    /// The rules by themselves, whether they count here or not.
    mutating func judgeRules() {
        for rule in document.rules {
            let names = DocumentReader.list(rule.names)
            let unknown = rule.names.filter { !CallCatalog.isKnown($0) }
            if !unknown.isEmpty {
                add(.unknownCall, line: rule.line, "unknown: \(DocumentReader.list(unknown.sorted()))", calls: unknown)
            }
            if Set(rule.arguments.map(\.index)).count < rule.arguments.count {
                add(
                    .alternativeConditions, line: rule.line, "several conditions on one argument of \(names)",
                    calls: rule.names)
            }
            judgeConditions(rule, names)
            let action = rule.action.filterAction(rule.errnoRet)
            // Engines that drop the default's number still read a rule that repeats it: RF304 asks for one.
            if action == profile.defaultFilterAction, profile.defaultErrnoRet == nil {
                add(
                    .redundantRule, line: rule.line, "the rule for \(names) does what the default does",
                    calls: rule.names)
            }
        }
        for call in policy.ambiguousCalls where overlaps(call) {
            add(
                .ambiguousActions, line: line(of: call),
                "\(HostileText.escaped(call)) has several actions for the same arguments", calls: [call])
        }
    }

    private mutating func judgeConditions(_ rule: SeccompDocument.Rule, _ names: String) {
        let reaches = rule.action.filterAction(rule.errnoRet).reachesKernel
        var ranges = false
        var high: Set<String> = []
        for argument in rule.arguments {
            switch argument.op {
            case .less, .lessOrEqual, .greater, .greaterOrEqual: ranges = true
            case .equal where !reaches, .notEqual where reaches:
                high.formUnion(rule.names.filter { Self.narrow[$0]?.contains(argument.index) == true })
            case .maskedEqual where !reaches && argument.value >> 32 != 0:
                high.formUnion(rule.names.filter { Self.narrow[$0]?.contains(argument.index) == true })
            case .equal, .notEqual, .maskedEqual: break
            }
        }
        if ranges {
            add(.rangeComparison, line: rule.line, "a range is asked of \(names)", calls: rule.names)
        }
        if !high.isEmpty {
            add(
                .highBits, line: rule.line,
                "all 64 bits of a 32-bit argument of \(DocumentReader.list(high.sorted())) are compared",
                calls: Array(high))
        }
        let hot = rule.arguments.isEmpty ? [] : rule.names.filter(Self.hot.contains).sorted()
        if !hot.isEmpty {
            add(
                .hotCallArguments, line: rule.line, "conditions on \(DocumentReader.list(hot))", calls: hot)
        }
    }

    /// Whether two actions of `call` can be meant at once: tried with the values that could tell them apart.
    private func overlaps(_ call: String) -> Bool {
        let rules = profile.syscalls.filter {
            $0.names.contains(call) && $0.filterAction != profile.defaultFilterAction
        }
        let branches = rules.flatMap { rule in rule.alternatives.map { (conditions: $0, action: rule.filterAction) } }
        for arguments in FilterProof.argumentSamples(branches.flatMap(\.conditions)) {
            let probe = FilterPolicy.Call(auditArchitecture: 0, number: 0, arguments: arguments)
            let held = branches.filter { $0.conditions.allSatisfy { $0.holds(for: probe, narrow: false) } }
            if Set(held.map(\.action)).count > 1 { return true }
        }
        return branches.filter { $0.conditions.isEmpty }.count != branches.count
            && branches.contains { $0.conditions.isEmpty }
    }
}
