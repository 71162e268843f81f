// SPDX-License-Identifier: Apache-2.0
internal import Platform

extension SeccompDocument {
    /// Reads a profile of any make. What is not JSON (or the YAML of the Security Profiles Operator), or has no default
    /// action, is an error; everything else that is wrong becomes a flaw. `file` names it in messages.
    package static func read(_ bytes: [UInt8], file: String) throws(SeccompError) -> SeccompDocument {
        let subject = HostileText.escaped(file)
        guard bytes.count <= OCISeccompProfile.sizeLimit else {
            throw SeccompError(
                .read, subject, "it has \(bytes.count) bytes and the limit is \(OCISeccompProfile.sizeLimit)",
                remedy: "give a seccomp profile, which has a few kilobytes")
        }
        let first = bytes.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            var reader = DocumentReader(subject: subject)
            return try reader.document(try json(bytes, subject))
        }
        // Some tools print a comment with the container's name before the profile.
        if first == UInt8(ascii: "/") || first == UInt8(ascii: "#"), let (rest, skipped) = withoutComments(bytes) {
            var reader = DocumentReader(subject: subject)
            reader.note(.unknownKey, line: 1, "the comment before the profile, which is no JSON", calls: [])
            // As Inspektor Gadget prints them for several containers, each under a comment.
            guard rest.split(separator: 0x0A).count(where: { $0.first == UInt8(ascii: "{") }) == 1 else {
                throw SeccompError(
                    .read, subject, "it has several profiles, one below the other",
                    remedy: "give each a file of its own")
            }
            let document = try reader.document(try json(rest, subject))
            return document.movedDown(by: skipped)
        }
        guard let root = SourceValue.parse(yaml: bytes) else {
            throw SeccompError(
                .read, subject, "it is neither JSON nor a SeccompProfile in YAML",
                remedy: "give an OCI seccomp profile, or a SeccompProfile without anchors and block texts")
        }
        var reader = DocumentReader(subject: subject)
        return try reader.document(root)
    }

    private static func json(_ bytes: [UInt8], _ subject: String) throws(SeccompError) -> SourceValue {
        if let flaw = JSONDuplicateKeys.firstFlaw(in: bytes) {
            throw SeccompError(
                .read, subject, "line \(flaw.line): \(flaw.what)", remedy: "correct the file or generate it again")
        }
        guard let root = SourceValue.parse(json: bytes) else {
            throw SeccompError(
                .read, subject, "it is not valid JSON", remedy: "correct the file or generate it again")
        }
        return root
    }

    /// The text from its first line that begins with a brace, if only comments are before it, and how many those are.
    private static func withoutComments(_ bytes: [UInt8]) -> (rest: [UInt8], lines: Int)? {
        var lines = 0
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            let line = rest[..<end].drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            if line.first == UInt8(ascii: "{") { return (Array(rest), lines) }
            guard line.isEmpty || line.first == UInt8(ascii: "#") || line.starts(with: Array("//".utf8)) else {
                return nil
            }
            lines += 1
            rest = rest[(end + 1)...]
        }
        return rest.first == UInt8(ascii: "{") ? (Array(rest), lines) : nil
    }

    private func movedDown(by lines: Int) -> SeccompDocument {
        var moved = self
        moved.defaultLine += lines
        moved.architecturesLine += lines
        for index in moved.rules.indices { moved.rules[index].line += lines }
        for index in moved.flaws.indices where moved.flaws[index].rule != .unknownKey || moved.flaws[index].line != 1 {
            moved.flaws[index].line = moved.flaws[index].line.map { $0 + lines }
        }
        return moved
    }
}
