// SPDX-License-Identifier: Apache-2.0

/// A SeccompProfile of the Security Profiles Operator: the group's v1beta1, which every release from 0.4 to 1.0 serves. Those
/// from 0.8.1 on take it as it is written here: `errnoRet` was a text before.
///
/// The resource has no error number for the default. Every call with a name has a rule of its own, so only numbers without
/// one get EPERM instead of ENOSYS.
struct OperatorProfile {
    let text: String

    init(_ generated: GeneratedProfile) throws(SeccompError) {
        let profile = generated.oci
        var lines = [
            "# Made by ringfence of the behaviour profile \(generated.evidence.key).",
            "apiVersion: security-profiles-operator.x-k8s.io/v1beta1",
            "kind: SeccompProfile",
            "metadata:",
            "  name: \(Self.name(generated.evidence.key))",
            "spec:",
            "  defaultAction: \(profile.defaultAction.rawValue)",
            "  architectures:",
        ]
        lines += profile.architectures.map { "  - \($0.rawValue)" }
        lines.append("  syscalls:")
        for rule in profile.syscalls where !rule.names.isEmpty {
            lines.append("  - action: \(rule.action.rawValue)")
            if let number = rule.errnoRet { lines.append("    errnoRet: \(number)") }
            lines.append("    names:")
            lines += rule.names.map { "    - \($0)" }
            guard let arguments = rule.args, !arguments.isEmpty else { continue }
            lines.append("    args:")
            for argument in arguments {
                lines.append("    - index: \(argument.index)")
                lines.append("      op: \(argument.op.rawValue)")
                lines.append("      value: \(try Self.value(argument.value, rule, generated))")
                if let second = argument.valueTwo {
                    lines.append("      valueTwo: \(try Self.value(second, rule, generated))")
                }
            }
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    /// The resource keeps values as int64.
    private static func value(
        _ value: UInt64, _ rule: OCISeccompProfile.Rule, _ generated: GeneratedProfile
    ) throws(SeccompError) -> Int64 {
        guard let fitting = Int64(exactly: value) else {
            throw SeccompError(
                .encode, generated.evidence.key,
                "the rule for \(rule.names.joined(separator: ", ")) has a value above 2^63, which a SeccompProfile cannot hold",
                remedy: "write it as oci")
        }
        return fitting
    }

    /// A key as a label of RFC 1123, which Kubernetes takes for every name and label value: lower-case letters and digits,
    /// '-' between them for each run of anything else, at most 63 bytes.
    static func name(_ key: String) -> String {
        var name = ""
        for scalar in key.lowercased().unicodeScalars {
            let isKept = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            if isKept {
                name.unicodeScalars.append(scalar)
            } else if name.last != "-", !name.isEmpty {
                name.append("-")
            }
        }
        name = String(name.prefix(63))
        while name.last == "-" { name.removeLast() }
        return name.isEmpty ? "profile" : name
    }
}
