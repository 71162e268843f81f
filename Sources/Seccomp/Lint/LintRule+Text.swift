// SPDX-License-Identifier: Apache-2.0

extension LintRule {
    /// What is said of a rule.
    struct Text {
        let name: String
        let severity: Severity
        let reason: String
        let fix: String

        init(_ name: String, _ severity: Severity, _ reason: String, fix: String) {
            self.name = name
            self.severity = severity
            self.reason = reason
            self.fix = fix
        }
    }

    var text: Text {
        switch self {
        case .conditionalField, .unknownKey, .rejectedByRuntimes, .numberWithoutUse, .unknownCall: fileText
        case .alternativeConditions, .ambiguousActions, .redundantRule, .miscompiled, .rangeComparison, .highBits,
            .hotCallArguments, .multiplexer:
            ruleText
        case .permissiveDefault, .killingDefault, .deniesUnknownWithEPERM, .defaultNumberDropped, .clone3,
            .fallbackDenied, .missingAlways, .missingRuntimeNeeds:
            answerText
        case .neverCall, .unjustifiedCall, .namespacesThroughClone, .socketFamilies, .notableCall: callText
        case .noArchitecture, .foreignArchitecture, .x32, .compatOpensNative: architectureText
        }
    }

    private var fileText: Text {
        switch self {
        case .unknownKey:
            Text(
                "unknown-key", .warning, "No reader knows the key; what it was to do is not done, and nobody says so.",
                fix: "correct its spelling or remove it")
        case .rejectedByRuntimes:
            Text(
                "rejected-by-runtimes", .error, "runc and crun refuse the file, or drop what stands there.",
                fix: "use the actions, operators, architectures and flags of the OCI runtime specification")
        case .numberWithoutUse:
            Text(
                "number-without-use", .error, "crun refuses an error number with an action that takes none.",
                fix: "remove the number")
        case .unknownCall:
            Text(
                "unknown-call", .warning,
                "Runtimes drop names that their libseccomp does not know, without a word: a rule that is to refuse or to "
                    + "allow such a call does nothing.",
                fix: "correct the name, or accept that older hosts answer the default")
        default:
            Text(
                "conditional-field", .error,
                "containerd, Kubernetes and runc decode into the OCI structure: conditions, archMap and names of errors "
                    + "vanish there without an error, and the rule holds for everybody. The profile fails open.",
                fix: "resolve the file for the container's capabilities, architecture and kernel first")
        }
    }

    private var ruleText: Text {
        switch self {
        case .ambiguousActions:
            Text(
                "ambiguous-actions", .warning,
                "The call has several actions whose conditions can hold at once; which one counts is libseccomp's choice.",
                fix: "make the conditions exclude each other")
        case .redundantRule:
            Text(
                "redundant-rule", .note, "Runtimes skip a rule whose action is the default.",
                fix: "remove it, or give it an error number of its own")
        case .miscompiled:
            Text(
                "miscompiled", .error, "The filter that libseccomp makes of the file does something else than it says.",
                fix: "compare with EQ and MASKED_EQ only, and with values below 2^32")
        case .rangeComparison:
            Text(
                "range-comparison", .error,
                "Ranges fail open: the upper half of a register can hold anything, and libseccomp 2.5 compiles some ranges "
                    + "of 2^32 and more into filters that let all values pass.",
                fix: "list the values with SCMP_CMP_MASKED_EQ")
        case .highBits:
            Text(
                "high-bits", .warning,
                "The argument has 32 bits for the kernel, but all 64 are compared: a program can set the upper half, and so "
                    + "miss an EQ that is to refuse it or hit an NE that is to.",
                fix: "compare with SCMP_CMP_MASKED_EQ and the mask 4294967295")
        case .hotCallArguments:
            Text(
                "hot-call-arguments", .note,
                "A condition takes the call out of the kernel's table of calls that are always allowed: each costs 25 to 70 "
                    + "ns more, and the rule is worth little there.",
                fix: "allow the call without conditions")
        case .multiplexer:
            Text(
                "multiplexer", .warning,
                "i386 programs reach other calls through this one, whose arguments lie behind a pointer: conditions on "
                    + "those calls are not asked.",
                fix: "leave the architecture SCMP_ARCH_X86 out, or the name")
        default:
            Text(
                "alternative-conditions", .error,
                "Two conditions on one argument are alternatives for runc and all must hold for a reader of the "
                    + "specification: such a rule allows more than it seems to.",
                fix: "write one rule for each, or one SCMP_CMP_MASKED_EQ for both")
        }
    }

    private var answerText: Text {
        switch self {
        case .killingDefault:
            Text(
                "killing-default", .warning,
                "A program that tries a new call, as every new libc does, dies instead of using the older one.",
                fix: "use SCMP_ACT_ERRNO with defaultErrnoRet 38")
        case .deniesUnknownWithEPERM:
            Text(
                "denies-unknown-with-eperm", .warning,
                "A libc falls back from a call that is not implemented (ENOSYS), not from one that is forbidden (EPERM): "
                    + "images that are newer than the profile break.",
                fix: "set defaultErrnoRet to 38, and refuse the dangerous calls by name with errnoRet 1")
        case .defaultNumberDropped:
            Text(
                "default-number-dropped", .note,
                "Docker 20.10 and containerd before 1.6 drop defaultErrnoRet: calls without a rule fail with EPERM there.",
                fix: "add a rule with SCMP_ACT_ERRNO and errnoRet 38 that names all other calls")
        case .clone3:
            Text(
                "clone3", .warning,
                "clone3's flags lie behind a pointer that no filter can follow, so it must not be allowed; and it must fail "
                    + "with ENOSYS, or programs that start threads do not fall back to clone.",
                fix: "add a rule for clone3 with SCMP_ACT_ERRNO and errnoRet 38")
        case .fallbackDenied:
            Text(
                "fallback-denied", .warning,
                "A libc uses the older call only where the newer one fails with ENOSYS, and this one fails otherwise.",
                fix: "refuse it with errnoRet 38, or allow it")
        case .missingAlways:
            Text(
                "missing-always", .warning,
                "The kernel restarts calls after a stop or a freeze, signal handlers return, and programs end, whether a "
                    + "training run showed it or not: without these calls they fail or spin.",
                fix: "allow them")
        case .missingRuntimeNeeds:
            Text(
                "missing-runtime-needs", .warning,
                "runc and crun make these calls when the filter is already active: the container does not start, or only "
                    + "sometimes.",
                fix: "allow them; `ringfence seccomp generate` adds what each runtime was measured to need")
        default:
            Text(
                "permissive-default", .error,
                "Every call without a rule is allowed, and so is every call that a later kernel will have.",
                fix: "use SCMP_ACT_ERRNO as default and list what is allowed")
        }
    }

    private var callText: Text {
        switch self {
        case .unjustifiedCall:
            Text(
                "unjustified-call", .warning, "The call needs a written reason in a container (tier 1).",
                fix: "remove it, or write down why the program needs it")
        case .namespacesThroughClone:
            Text(
                "namespaces-through-clone", .warning,
                "clone without a condition creates namespaces, a user namespace among them, which opens the kernel's "
                    + "interfaces for root to any program.",
                fix: "allow clone where argument 0, masked with 2114060288 (0x7E020000), is 0")
        case .socketFamilies:
            Text(
                "socket-families", .note,
                "socket without a condition reaches AF_PACKET, AF_ALG and AF_VSOCK, whose code has a long record of flaws.",
                fix: "allow the families that are used, with SCMP_CMP_MASKED_EQ and the mask 4294967295")
        case .notableCall:
            Text(
                "notable-call", .note, "Few programs need the call (tier 2).",
                fix: "remove it if your program does not make it")
        default:
            Text(
                "never-call", .error, "No deployed container should be able to make the call (tier 0).",
                fix: "remove it from the allowed calls")
        }
    }

    private var architectureText: Text {
        switch self {
        case .foreignArchitecture:
            Text(
                "foreign-architecture", .note,
                "libseccomp builds filters for the architectures of other machines too, which nothing uses.",
                fix: "write one file for each machine")
        case .x32:
            Text(
                "x32", .warning,
                "x32 is a second way to every call, hardly used, with flaws of its own (CVE-2014-0038).",
                fix: "remove SCMP_ARCH_X32")
        case .compatOpensNative:
            Text(
                "compat-opens-native", .note,
                "The list of names holds for every architecture: what only 32-bit programs need is open to all, and every "
                    + "call has a second way in.",
                fix: "list the 32-bit architecture only if such programs run in the container")
        default:
            Text(
                "no-architecture", .note,
                "Without a list, runtimes take the architecture that they run on, and programs of any other are killed.",
                fix: "name the architecture that the file was made for")
        }
    }
}
