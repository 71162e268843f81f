// SPDX-License-Identifier: Apache-2.0
import Platform

/// Makes the ids of incidents.
enum AlertID {
    /// No letters that are read for another one (i, l, o, u).
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// 12 characters, 60 bits, from what began the incident: a record that is judged twice, by two runs of the daemon say,
    /// gives the same id, and no two records give the same.
    static func of(_ finding: Finding, host: AlertHost) -> String {
        let process = finding.process.map { "\($0.tgid):\($0.startNanoseconds)" } ?? "-"
        let item = finding.item
        let parts = [
            host.machineID, host.bootID, finding.container.id, process, finding.rule.rawValue, item.kind.rawValue,
            item.name, item.abi ?? "", String(finding.time.bootNanoseconds),
        ]
        // No part holds a zero byte: escaped text has none.
        let digest = SHA256.digest(of: parts.joined(separator: "\0").utf8)
        let bits = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return String((0..<12).map { digits[Int(bits >> (59 - 5 * UInt64($0)) & 31)] })
    }
}
