// SPDX-License-Identifier: Apache-2.0
import Platform

/// The last guard before text leaves: what was escaped where it entered passes unchanged; what was not is escaped here.
enum SafeText {
    /// `text` on one line, without characters that do something, cut to `limit` bytes with an ellipsis.
    static func of(_ text: String, limit: Int = 4096) -> String {
        let safe = HostileText.isEscaped(text) ? text : HostileText.printable(text)
        guard safe.utf8.count > limit else { return safe }
        var cut = ""
        var length = 0
        for scalar in safe.unicodeScalars {
            length += String(scalar).utf8.count
            guard length <= limit - 3 else { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut + "..."
    }
}
