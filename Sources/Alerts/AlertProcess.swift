// SPDX-License-Identifier: Apache-2.0
import Platform

/// Who did it. All text is escaped.
package struct AlertProcess: Codable, Equatable, Sendable {
    /// One parent, as the kernel knew it when the record was made.
    package struct Ancestor: Codable, Hashable, Sendable {
        package var pid: UInt32
        /// CLOCK_BOOTTIME of its start: with the pid the identity that pid reuse cannot forge.
        package var startNanoseconds: UInt64
        package var comm: String

        /// A parent; `comm` as the kernel has it, at most 16 bytes, hostile.
        package init(pid: UInt32, startNanoseconds: UInt64, comm: some Sequence<UInt8>) {
            self.pid = pid
            self.startNanoseconds = startNanoseconds
            self.comm = HostileText.escaped(comm)
        }
    }

    /// How many parents are kept.
    package static let ancestryLimit = 8
    /// Bytes of an escaped path: a path from the kernel has at most 255 bytes, each of which may become eight.
    package static let pathLimit = 2048
    /// Bytes of a whole command line; words beyond it are left out.
    static let commandLineLimit = 4096
    /// How many words of a command line are kept, and how many bytes of each.
    package static let argumentLimit = 64
    package static let argumentByteLimit = 512

    /// Thread id and process id in the host's pid namespace.
    package var pid: UInt32
    package var tgid: UInt32
    package var startNanoseconds: UInt64
    /// Path inside the container.
    package var executable: String
    package var comm: String
    /// The command line, secrets redacted; nil if it is not known. The process can change it: it is a hint, no evidence.
    package var argv: [String]?
    /// Whether words, or parts of words, of the command line are left out; nil if none are.
    package var isArgvCut: Bool?
    package var uid: UInt32
    /// Nearest parent first.
    package var ancestry: [Ancestor]

    /// A process. `executable`, `comm` and `argv` are as the kernel or proc(5) has them, hostile bytes and all; secrets
    /// are redacted here unless `redacts` is false.
    package init(
        pid: UInt32, tgid: UInt32, startNanoseconds: UInt64, executable: some Sequence<UInt8>,
        comm: some Sequence<UInt8>, argv: [[UInt8]]? = nil, isArgvCut: Bool = false, uid: UInt32,
        ancestry: [Ancestor] = [], redacts: Bool = true
    ) {
        self.pid = pid
        self.tgid = tgid
        self.startNanoseconds = startNanoseconds
        self.executable = SafeText.of(HostileText.escaped(executable), limit: Self.pathLimit)
        self.comm = HostileText.escaped(comm)
        self.argv = argv.map { words in
            let raw = words.prefix(Self.argumentLimit).map { $0.prefix(4 * Self.argumentByteLimit) }
            var room = Self.commandLineLimit
            return (redacts ? ArgumentRedaction.redacted(raw) : raw.map(Array.init)).map {
                SafeText.of(HostileText.escaped($0), limit: Self.argumentByteLimit)
            }.prefix { word in
                room -= word.utf8.count + 1
                return room >= 0
            }
        }
        self.uid = uid
        self.ancestry = Array(ancestry.prefix(Self.ancestryLimit))
        self.isArgvCut = isArgvCut || Self.isCut(argv ?? [], to: self.argv ?? []) ? true : nil
    }

    /// Whether words, or parts of them, are missing in what is shown of a command line.
    private static func isCut(_ words: [[UInt8]], to shown: [String]) -> Bool {
        shown.count < words.count || words.contains { $0.count > 4 * argumentByteLimit }
            || shown.contains { $0.hasSuffix("...") && $0.utf8.count > argumentByteLimit - 8 }
    }

    /// It and its parents, by what identifies a process while the machine runs.
    var tree: [ProcessIdentity] {
        [ProcessIdentity(pid: tgid, startNanoseconds: startNanoseconds)]
            + ancestry.map { ProcessIdentity(pid: $0.pid, startNanoseconds: $0.startNanoseconds) }
    }
}

/// A process id that cannot be mistaken for a later process of the same number.
package struct ProcessIdentity: Hashable, Sendable {
    let pid: UInt32
    let startNanoseconds: UInt64

    /// The process with this id that started then, in nanoseconds of CLOCK_BOOTTIME.
    package init(pid: UInt32, startNanoseconds: UInt64) {
        self.pid = pid
        self.startNanoseconds = startNanoseconds
    }
}
