// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Profiles
import Seccomp

/// The result of one recorded profile, as a table or as JSON.
struct RecordReport {
    private let written: ProfileOutput.Written
    private let seccomp: (output: SeccompOutput, path: String)?
    private let options: RecordOptions

    init(_ written: ProfileOutput.Written, seccomp: (SeccompOutput, String)?, options: RecordOptions) {
        self.written = written
        self.seccomp = seccomp
        self.options = options
    }

    func print(on terminal: Terminal) {
        guard !options.isJSON else {
            if let text = json { terminal.line(text) }
            return
        }
        for line in RecordSummary(written.profile, on: terminal).lines(additions: written.additions) {
            terminal.line(line)
        }
        terminal.line("profile: \(written.path)")
        for line in seccomp?.output.lines(path: seccomp?.path ?? "", on: terminal) ?? [] { terminal.line(line) }
    }

    private struct Summary: Encodable {
        let schema = "ringfence.record/v1"
        let key: String
        let profile: String
        let calls: [String: [String]]
        let held: [String]
        /// Null where they were not watched.
        let peers: [String]?
        let partial: [String]
        let seccomp: String?
        let leftOut: [String]?
        let new: [String]?

        enum CodingKeys: CodingKey { case schema, key, profile, calls, held, peers, partial, seccomp, leftOut, new }
    }

    private var json: String? {
        let profile = written.profile
        var calls: [String: [String]] = [:]
        for (abi, named) in profile.calls {
            for (name, evidence) in named {
                for phase in evidence.phases.keys { calls["\(phase)/\(abi)", default: []].append(name) }
            }
        }
        let summary = Summary(
            key: profile.key, profile: written.path, calls: calls.mapValues { $0.sorted() },
            held: profile.calls.flatMap { abi, named in named.filter { $0.value.held != nil }.map { "\(abi)/\($0.key)" }
            }
            .sorted(), peers: profile.peers?.keys.sorted(), partial: profile.window.partial, seccomp: seccomp?.path,
            leftOut: seccomp?.output.generated.leftOut.map(\.call), new: written.additions?.lines)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(summary)).map { String(decoding: $0, as: UTF8.self) }
    }
}
