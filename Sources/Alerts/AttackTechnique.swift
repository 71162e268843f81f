// SPDX-License-Identifier: Apache-2.0

/// A technique of MITRE ATT&CK for containers and Linux.
package struct AttackTechnique: Codable, Equatable, Sendable {
    /// As "T1055.008".
    package let id: String
    package let name: String

    /// The technique that fits a finding best, nil where none does. `item` is what was found: a call's name, a path.
    package init?(rule: AlertRule, item: FindingItem) {
        switch rule {
        case .tamper, .gap: self.init("T1562.001", "Impair Defenses: Disable or Modify Tools")
        case .loss: self.init("T1562.006", "Impair Defenses: Indicator Blocking")
        case .migration: self.init("T1611", "Escape to Host")
        case .execSession: self.init("T1609", "Container Administration Command")
        case .ioUringOperation: self.init("T1562", "Impair Defenses")
        case .foreignABI, .unexpectedCall, .outOfRangeCall, .seccompDenied: self.init("T1106", "Native API")
        case .engineSocket: self.init("T1611", "Escape to Host")
        case .newListener: self.init("T1571", "Non-Standard Port")
        case .newDestination: self = Self.destination(item)
        case .replacedExecutable: self.init("T1554", "Compromise Host Software Binary")
        case .newCredentials: self.init("T1548", "Abuse Elevation Control Mechanism")
        case .newParent: self = Self.execution(of: item)
        case .unexpectedExecutable: self = Self.execution(of: item)
        case .neverAllowCall: self = Self.call(item.name)
        case .unexpectedContainer: self.init("T1610", "Deploy Container")
        case .newAddress, .health, .test: return nil
        }
    }

    private init(_ id: String, _ name: String) {
        self.id = id
        self.name = name
    }

    private static let shells: Set<Substring> = ["sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "fish"]

    private static func execution(of item: FindingItem) -> AttackTechnique {
        if item.kind == .filelessExecutable { return AttackTechnique("T1620", "Reflective Code Loading") }
        let path = item.kind == .parent ? item.pair.child : item.name
        let name = path.split(separator: "/").last ?? ""
        return shells.contains(name)
            ? AttackTechnique("T1059.004", "Command and Scripting Interpreter: Unix Shell")
            : AttackTechnique("T1059", "Command and Scripting Interpreter")
    }

    private static func destination(_ item: FindingItem) -> AttackTechnique {
        let isMetadata = item.name.contains("/169.254.169.254:") || item.name.contains("/[fd00:ec2::254]:")
        return isMetadata
            ? AttackTechnique("T1552.005", "Unsecured Credentials: Cloud Instance Metadata API")
            : AttackTechnique("T1071", "Application Layer Protocol")
    }

    private static func call(_ name: String) -> AttackTechnique {
        switch name {
        case "ptrace": AttackTechnique("T1055.008", "Process Injection: Ptrace System Calls")
        case "process_vm_readv", "pidfd_getfd": AttackTechnique("T1003.007", "OS Credential Dumping: Proc Filesystem")
        case "process_vm_writev": AttackTechnique("T1055", "Process Injection")
        case "init_module", "finit_module", "delete_module":
            AttackTechnique("T1547.006", "Boot or Logon Autostart Execution: Kernel Modules and Extensions")
        case "bpf", "kexec_load", "kexec_file_load": AttackTechnique("T1014", "Rootkit")
        case "userfaultfd", "perf_event_open": AttackTechnique("T1068", "Exploitation for Privilege Escalation")
        case "keyctl", "add_key", "request_key": AttackTechnique("T1552", "Unsecured Credentials")
        case "reboot": AttackTechnique("T1529", "System Shutdown/Reboot")
        case "swapon", "swapoff": AttackTechnique("T1499", "Endpoint Denial of Service")
        case "io_uring_setup", "io_uring_enter", "io_uring_register": AttackTechnique("T1562", "Impair Defenses")
        case "socket:AF_PACKET": AttackTechnique("T1040", "Network Sniffing")
        case "socket:AF_ALG": AttackTechnique("T1068", "Exploitation for Privilege Escalation")
        default: AttackTechnique("T1611", "Escape to Host")
        }
    }
}
