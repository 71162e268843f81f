// SPDX-License-Identifier: Apache-2.0

/// What a generated profile can be written as.
package enum ProfileForm: String, CaseIterable, Sendable {
    /// The `linux.seccomp` object of the OCI runtime specification.
    case oci
    /// A SeccompProfile of the Security Profiles Operator, YAML.
    case spo
    /// A drop-in for a systemd unit.
    case systemd
    /// The program that the kernel runs: what prctl(2) and crun's annotation `run.oci.seccomp_bpf_data` take.
    case bpf
    /// libseccomp's text of that program.
    case pfc
}

extension GeneratedProfile {
    /// The file in a form; programs are for the machine that was recorded.
    package func encoded(as form: ProfileForm) throws(SeccompError) -> [UInt8] {
        switch form {
        case .oci: Array(try oci.encoded())
        case .spo: Array(try OperatorProfile(self).text.utf8)
        case .systemd: Array(SystemdDropIn(self).text.utf8)
        case .bpf: try CompiledFilter(oci, machine: oci.machine).bytes
        case .pfc: try CompiledFilter.text(of: oci, machine: oci.machine)
        }
    }
}
