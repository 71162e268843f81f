// SPDX-License-Identifier: Apache-2.0

/// A value of a JSON or YAML file, and the line that it begins in: what a finding points to.
struct SourceValue: Equatable, Sendable {
    /// A member of an object, in the order of the file.
    struct Member: Equatable, Sendable {
        let key: String
        let line: Int
        let value: SourceValue
    }

    enum Content: Equatable, Sendable {
        case object([Member])
        case list([SourceValue])
        case text(String)
        /// As it is written: what is a number for one field is none for another.
        case number(String)
        case bool(Bool)
        case null
    }

    let content: Content
    /// From 1.
    let line: Int

    /// A member's value; nil if there is none, or if this is no object.
    subscript(key: String) -> SourceValue? { members.first { $0.key == key }?.value }

    var members: [Member] {
        guard case .object(let members) = content else { return [] }
        return members
    }

    var elements: [SourceValue]? {
        guard case .list(let elements) = content else { return nil }
        return elements
    }

    var text: String? {
        guard case .text(let text) = content else { return nil }
        return text
    }

    /// A whole number from 0 to 2^64 - 1, as Go's decoder would take it: no sign, no point, no exponent.
    var whole: UInt64? {
        guard case .number(let text) = content else { return nil }
        return UInt64(text)
    }

    /// null, "", {} or []: says nothing, whatever the key.
    var isEmpty: Bool {
        switch content {
        case .object(let members): members.isEmpty
        case .list(let elements): elements.isEmpty
        case .text(let text): text.isEmpty
        case .null: true
        case .number, .bool: false
        }
    }
}
