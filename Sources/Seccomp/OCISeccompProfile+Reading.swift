// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Platform

extension OCISeccompProfile {
    /// A profile from a file, with what a person should know about it.
    package struct Reading: Equatable, Sendable {
        package var profile: OCISeccompProfile
        /// One line each.
        package var warnings: [String]
        /// Call names that neither this tool nor libseccomp knows, escaped and sorted: a runtime ignores them.
        package var unknownCalls: [String]
    }

    /// The largest file that is read, in bytes.
    package static let sizeLimit = 8 << 20

    /// Reads a profile made by people or by other tools, strictly: what a runtime would drop without a word is an error
    /// here. `file` names it in messages. Unknown call names are warnings unless `refusingUnknownCalls`.
    package static func read(
        _ json: [UInt8], file: String, refusingUnknownCalls: Bool = false
    ) throws(SeccompError) -> Reading {
        let subject = HostileText.escaped(file)
        guard json.count <= sizeLimit else {
            throw SeccompError(
                .read, subject, "it has \(json.count) bytes and the limit is \(sizeLimit)",
                remedy: "give a seccomp profile, which has a few kilobytes")
        }
        if let flaw = JSONDuplicateKeys.firstFlaw(in: json) {
            throw SeccompError(
                .read, subject, "line \(flaw.line): \(flaw.what)", remedy: "correct the file or generate it again")
        }
        let parsed: OCIProfileReader
        do {
            parsed = try JSONDecoder().decode(OCIProfileReader.self, from: Data(json))
        } catch let error as OCIProfileReader.Refusal {
            throw SeccompError(.read, subject, error.reason, remedy: error.remedy)
        } catch {
            throw SeccompError(
                .read, subject, OCIProfileReader.words(for: error), remedy: "correct the file or generate it again")
        }
        let unknown = Set(parsed.profile.syscalls.flatMap(\.names)).filter { !CallCatalog.isKnown($0) }
            .map { HostileText.escaped($0) }.sorted()
        var warnings = parsed.warnings
        if !unknown.isEmpty {
            let list = unknown.prefix(8).joined(separator: ", ") + (unknown.count > 8 ? ", ..." : "")
            guard !refusingUnknownCalls else {
                throw SeccompError(
                    .read, subject, "unknown calls: \(list)", remedy: "correct the names or remove them")
            }
            warnings.append("\(subject): unknown calls, which runtimes ignore: \(list)")
        }
        return Reading(profile: parsed.profile, warnings: warnings, unknownCalls: unknown)
    }
}
