// SPDX-License-Identifier: Apache-2.0

extension SourceValue {
    /// The value of a YAML text of the plain kind that seccomp profiles are written in: nested mappings and sequences by
    /// indentation, `[a, b]` on one line, scalars with or without quotes, comments, one document. Block texts, which kubectl
    /// has for what was applied last, are taken for their first line alone. Nil for anything else.
    static func parse(yaml bytes: [UInt8]) -> SourceValue? {
        guard let text = String(validating: bytes, as: UTF8.self), let lines = YAMLLine.lines(text), !lines.isEmpty
        else {
            return nil
        }
        var reader = YAMLSourceReader(lines: lines[...])
        guard let value = reader.block(indent: lines[0].indent, depth: 0), reader.lines.isEmpty else { return nil }
        return value
    }
}

/// A line with something on it.
private struct YAMLLine {
    let number: Int
    let indent: Int
    var text: Substring

    /// Nil where a line is none of the plain kind: a tab, an anchor, a tag, a block text, a second document.
    static func lines(_ text: String) -> [YAMLLine]? {
        var lines: [YAMLLine] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = withoutComment(raw.last == "\r" ? raw.dropLast() : raw)
            let body = line.drop { $0 == " " }
            guard !body.isEmpty else { continue }
            if body == "---" {
                guard lines.isEmpty else { return nil }
                continue
            }
            guard body.first != "\t", body != "..." else { return nil }
            lines.append(YAMLLine(number: index + 1, indent: line.count - body.count, text: body))
        }
        return lines
    }

    private static func withoutComment(_ line: Substring) -> Substring {
        var quote: Character?
        var previous: Character = " "
        for index in line.indices {
            let character = line[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "#", previous == " " {
                return trimmed(line[..<index])
            }
            previous = character
        }
        return trimmed(line)
    }

    private static func trimmed(_ line: Substring) -> Substring {
        var line = line
        while line.last == " " { line = line.dropLast() }
        return line
    }
}

private struct YAMLSourceReader {
    var lines: ArraySlice<YAMLLine>

    /// The mapping or sequence whose lines have this indentation.
    mutating func block(indent: Int, depth: Int) -> SourceValue? {
        guard let first = lines.first, first.indent == indent, depth < 64 else { return nil }
        return first.text == "-" || first.text.hasPrefix("- ")
            ? sequence(indent: indent, depth: depth) : mapping(indent: indent, depth: depth)
    }

    private mutating func sequence(indent: Int, depth: Int) -> SourceValue? {
        let start = lines.first?.number ?? 0
        var elements: [SourceValue] = []
        while let line = lines.first, line.indent == indent, line.text == "-" || line.text.hasPrefix("- ") {
            let rest = line.text.dropFirst().drop { $0 == " " }
            if rest.isEmpty {
                lines.removeFirst()
                guard let next = lines.first, next.indent > indent else {
                    elements.append(SourceValue(content: .null, line: line.number))
                    continue
                }
                guard let element = block(indent: next.indent, depth: depth + 1) else { return nil }
                elements.append(element)
            } else if Self.key(of: rest) != nil || rest.hasPrefix("- ") {
                // A mapping that begins behind the dash: its other keys stand below its first.
                let inner = line.indent + line.text.count - rest.count
                lines[lines.startIndex] = YAMLLine(number: line.number, indent: inner, text: rest)
                guard let element = block(indent: inner, depth: depth + 1) else { return nil }
                elements.append(element)
            } else {
                lines.removeFirst()
                guard let element = Self.scalar(rest, line.number) else { return nil }
                elements.append(element)
            }
        }
        return SourceValue(content: .list(elements), line: start)
    }

    private mutating func mapping(indent: Int, depth: Int) -> SourceValue? {
        let start = lines.first?.number ?? 0
        var members: [SourceValue.Member] = []
        var keys: Set<String> = []
        while let line = lines.first, line.indent == indent {
            guard let (key, rest) = Self.key(of: line.text), keys.insert(key).inserted else { return nil }
            lines.removeFirst()
            let value: SourceValue?
            if Self.blockTexts.contains(rest) {
                let text = lines.first.flatMap { $0.indent > indent ? String($0.text) : nil } ?? ""
                lines = lines.drop { $0.indent > indent }
                value = SourceValue(content: .text(text), line: line.number)
            } else if !rest.isEmpty {
                value = Self.scalar(rest, line.number)
            } else if let next = lines.first,
                next.indent > indent || (next.indent == indent && (next.text == "-" || next.text.hasPrefix("- ")))
            {
                value = block(indent: next.indent, depth: depth + 1)
            } else {
                value = SourceValue(content: .null, line: line.number)
            }
            guard let value else { return nil }
            members.append(SourceValue.Member(key: key, line: line.number, value: value))
        }
        return lines.first.map { $0.indent > indent } == true
            ? nil : SourceValue(content: .object(members), line: start)
    }

    private static let blockTexts: Set<Substring> = ["|", "|-", "|+", ">", ">-", ">+"]

    /// `key: rest`, the rest empty where the value is on the lines below. A key may have colons itself, as kubectl's `f:spec`.
    private static func key(of text: Substring) -> (key: String, rest: Substring)? {
        guard text.first != "\"", text.first != "'", text.first != "[" else { return nil }
        func ends(_ place: Substring.Index) -> Bool {
            let next = text.index(after: place)
            return text[place] == ":" && (next == text.endIndex || text[next] == " ")
        }
        guard let colon = text.indices.first(where: ends) else { return nil }
        let rest = text[text.index(after: colon)...]
        let key = text[..<colon]
        return key.isEmpty || key.contains(" ") ? nil : (String(key), rest.drop { $0 == " " })
    }

    private static func scalar(_ text: Substring, _ line: Int) -> SourceValue? {
        func value(_ content: SourceValue.Content) -> SourceValue { SourceValue(content: content, line: line) }
        switch text.first {
        case "[":
            guard text.last == "]" else { return nil }
            let inner = text.dropFirst().dropLast()
            guard !inner.contains("["), !inner.contains("{") else { return nil }
            if inner.allSatisfy({ $0 == " " }) { return value(.list([])) }
            var elements: [SourceValue] = []
            for part in inner.split(separator: ",", omittingEmptySubsequences: false) {
                var word = part.drop { $0 == " " }
                while word.last == " " { word = word.dropLast() }
                guard !word.isEmpty, let element = scalar(word, line) else { return nil }
                elements.append(element)
            }
            return value(.list(elements))
        case "{": return text == "{}" ? value(.object([])) : nil
        case "\"", "'":
            guard text.count >= 2, text.last == text.first, !text.contains("\\") else { return nil }
            return value(.text(String(text.dropFirst().dropLast())))
        case "&", "*", "!", "|", ">", "%", "@", "`": return nil
        default:
            switch text {
            case "null", "~": return value(.null)
            case "true": return value(.bool(true))
            case "false": return value(.bool(false))
            default: return value(Double(text) == nil ? .text(String(text)) : .number(String(text)))
            }
        }
    }
}
