// SPDX-License-Identifier: Apache-2.0
import Control

/// The executables that made a call, with how often.
enum ExecutableText {
    /// `/usr/bin/web (7 times), /bin/sh`: those that made it most first; more than `limit` are only counted.
    static func list(_ executables: [String: UInt64], limit: Int) -> String {
        guard !executables.isEmpty else { return "nobody that is known" }
        let ordered = executables.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = ordered.prefix(limit).map { path, count in
            count == 0 ? path : "\(path) (\(NumberText.counted(count, "time")))"
        }
        return shown.joined(separator: ", ") + (ordered.count > limit ? " and \(ordered.count - limit) more" : "")
    }

    /// Paths and counts; 0 means "seen, not counted".
    static func json(_ executables: [String: UInt64]) -> JSONValue {
        .object(executables.mapValues { .integer(Int64(clamping: $0)) })
    }
}
