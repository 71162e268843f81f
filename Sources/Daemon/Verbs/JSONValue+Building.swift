// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Platform

extension JSONValue {
    /// A count; what no JSON integer holds is the largest that it does.
    static func count(_ number: some BinaryInteger) -> JSONValue { .integer(Int64(clamping: number)) }

    /// A text, or null.
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    /// Texts.
    static func list(_ texts: some Sequence<String>) -> JSONValue { .array(texts.map { .string($0) }) }

    /// A wall time in whole seconds, as `2026-01-31T12:00:00Z`.
    static func date(_ date: Date) -> JSONValue { .string(date.formatted(.iso8601)) }

    /// What an encoder makes of `value`; null if it refuses.
    init(encoding value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(value), let parsed = try? JSONValue(parsing: Array(bytes)) else {
            self = .null
            return
        }
        self = parsed
    }

    /// The object without members that are null.
    var compact: JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.value != .null })
    }
}
