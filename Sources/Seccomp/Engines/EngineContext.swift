// SPDX-License-Identifier: Apache-2.0
package import Events

/// What the conditions of an engine's profile ask about: a container and its machine.
package struct EngineContext: Equatable, Sendable {
    /// With their prefix: `CAP_SYS_ADMIN`.
    package var capabilities: Set<String>
    package var architecture: Architecture
    /// Major and minor version.
    package var kernel: (major: Int, minor: Int)

    package init(
        capabilities: Set<String> = Self.dockerCapabilities, architecture: Architecture = .current,
        kernel: (major: Int, minor: Int)
    ) {
        self.capabilities = capabilities
        self.architecture = architecture
        self.kernel = kernel
    }

    package static func == (left: EngineContext, right: EngineContext) -> Bool {
        left.capabilities == right.capabilities && left.architecture == right.architecture
            && left.kernel == right.kernel
    }

    /// What Docker and containerd give a container that asks for nothing.
    package static let dockerCapabilities: Set<String> = [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
        "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID",
        "CAP_SYS_CHROOT",
    ]

    /// Podman gives less.
    package static let podmanCapabilities = dockerCapabilities.subtracting([
        "CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW",
    ])

    /// Every capability up to Linux 6.18, capabilities(7).
    package static let allCapabilities = dockerCapabilities.union([
        "CAP_AUDIT_CONTROL", "CAP_AUDIT_READ", "CAP_BLOCK_SUSPEND", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
        "CAP_DAC_READ_SEARCH", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_LEASE", "CAP_LINUX_IMMUTABLE", "CAP_MAC_ADMIN",
        "CAP_MAC_OVERRIDE", "CAP_NET_ADMIN", "CAP_NET_BROADCAST", "CAP_PERFMON", "CAP_SYSLOG", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_MODULE", "CAP_SYS_NICE", "CAP_SYS_PACCT", "CAP_SYS_PTRACE", "CAP_SYS_RAWIO",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_WAKE_ALARM",
    ])

    /// Major and minor of a kernel release, `6.1.0-18-amd64`; nil for other text.
    package static func kernel(_ release: String) -> (major: Int, minor: Int)? {
        let parts = release.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = Int(parts[0]) else { return nil }
        guard let minor = Int(parts[1].prefix { $0.isASCII && $0.isNumber }), major >= 0 else { return nil }
        return (major, minor)
    }

    /// The machine's name in the conditions.
    private var name: String { architecture == .arm64 ? "arm64" : "amd64" }

    /// Whether a rule counts here: it has all that `includes` asks for, and nothing of `excludes`.
    func satisfies(_ rule: SeccompDocument.Rule) -> Bool {
        let (includes, excludes) = (rule.includes, rule.excludes)
        if !includes.capabilities.allSatisfy(capabilities.contains) { return false }
        if excludes.capabilities.contains(where: capabilities.contains) { return false }
        if !includes.architectures.isEmpty, !includes.architectures.contains(name) { return false }
        if excludes.architectures.contains(name) { return false }
        if let least = includes.minKernel, kernel < least { return false }
        if let least = excludes.minKernel, kernel >= least { return false }
        return true
    }
}
