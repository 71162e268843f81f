// SPDX-License-Identifier: Apache-2.0
import Platform

/// Environment variables that hold secrets, told by their names, or by a value that is a URL with a password in it.
enum SecretName {
    private static let words = [
        "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY",
        "ENCRYPTION_KEY", "SIGNING_KEY", "CREDENTIAL", "_PASS", "_PWD", "DSN",
    ]
    /// What such a variable holds is no secret: a path, a name, a setting.
    private static let ends = [
        "_FILE", "_PATH", "_DIR", "_NAME", "_ID", "_TTL", "_LENGTH", "_EXPIRY", "_TYPE", "_URI_BASE",
    ]

    /// The names among `NAME=VALUE` texts, escaped, each once, sorted; no value is kept.
    static func names(in environment: [String]) -> [String] {
        var found: Set<String> = []
        for entry in environment {
            guard let equals = entry.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = entry[..<equals]
            let value = entry[entry.utf8.index(after: equals)...]
            if !value.isEmpty, isSecret(name) || hasPassword(value) {
                found.insert(HostileText.escaped(name.utf8.prefix(128)))
            }
            if found.count == Posture.listLimit { break }
        }
        return found.sorted()
    }

    private static func isSecret(_ name: Substring) -> Bool {
        let upper = name.uppercased()
        guard !ends.contains(where: upper.hasSuffix) else { return false }
        return words.contains { upper.contains($0) }
    }

    /// `scheme://user:password@host`
    private static func hasPassword(_ value: Substring) -> Bool {
        guard let scheme = value.firstRange(of: "://") else { return false }
        let authority = value[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return false
        }
        return authority.index(after: colon) < at
    }
}
