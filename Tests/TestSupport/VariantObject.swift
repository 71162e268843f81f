// SPDX-License-Identifier: Apache-2.0
import CEvents
import FoundationEssentials
import Platform

/// The kernel programs as another version could have had them: built from the same sources with the shared header changed.
package enum VariantObject {
    /// What the variant is to have.
    package struct Change: Sendable {
        let text: String
        let replacement: String

        /// Puts `replacement` where the header says `text`.
        package init(_ text: String, _ replacement: String) {
            self.text = text
            self.replacement = replacement
        }
    }

    /// The sources have no such text any more, or do not compile.
    package struct NotBuilt: Error {
        let reason: String
    }

    /// How the header says which layout is ours.
    private static let version = "#define RF_LAYOUT_VERSION \(RF_LAYOUT_VERSION)"

    /// Another layout: members in the middle of both structs that facts are in, and of one that is part of them.
    package static let otherLayout = [
        Change(version, "#define RF_LAYOUT_VERSION 2"),
        Change(
            "\trf_u64 cgroup_id;\n\trf_u64 first_seen_ns; ",
            "\trf_u64 was_here[3];\n\trf_u64 cgroup_id;\n\trf_u64 first_seen_ns; "),
        Change("\trf_u64 value[RF_VALUES];\n", "\trf_u64 weight;\n\trf_u64 value[RF_VALUES];\n"),
        Change(
            "\trf_u64 calls[RF_PHASES][RF_ABIS][RF_CALL_WORDS];\n\trf_u64 io_ops[RF_PHASES]",
            "\trf_u64 odd[5];\n\trf_u64 calls[RF_PHASES][RF_ABIS][RF_CALL_WORDS];\n\trf_u64 more;\n\trf_u64 io_ops[RF_PHASES]"
        ),
    ]

    /// Layout 2 as far as facts are concerned: nothing notes what profiles have counted.
    package static let formerLayout = [
        Change(version, "#define RF_LAYOUT_VERSION 2"),
        Change(
            "\tstruct rf_account booked; /* of all kinds: what profiles have counted of it; written by user space */\n",
            "\trf_u64 unused[4];\n"),
    ]

    /// One that has more of something than ours.
    package static let largerLayout = [Change("#define RF_VALUES 16", "#define RF_VALUES 24")]

    /// One that nothing can be made of: cgroups have no id.
    package static let strangeLayout = [
        Change(version, "\(version)\n#define cgroup_id cgroup_number")
    ]

    /// Builds one in `directory`; its bytes. Needs the compiler that `make -C bpf` takes.
    package static func build(_ changes: [Change], in directory: TemporaryDirectory) throws -> [UInt8] {
        let header = "Sources/CEvents/include/ringfence_events.h"
        try directory.makeDirectory("Sources/CEvents")
        for part in ["bpf", "Sources/CEvents/include"] {
            let copy = try Shell.run(["cp", "-r", "\(Repository.path)/\(part)", directory.file(part)])
            guard copy.status == 0 else { throw NotBuilt(reason: copy.errors) }
        }
        var text = directory.text(header)
        for change in changes {
            guard let range = text.ranges(of: change.text).first else { throw NotBuilt(reason: "no \(change.text)") }
            text.replaceSubrange(range, with: change.replacement)
        }
        // The sizes are those of our layout.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        text = lines.filter { !$0.hasPrefix("_Static_assert(sizeof") }.joined(separator: "\n")
        try directory.write(text, to: header)
        let name = "ringfence_\(architecture).bpf.o"
        let built = try Shell.run(
            [
                "make", "-C", directory.file("bpf"), "OBJECTS=\(directory.file("objects"))",
                directory.file("objects/\(name)"),
            ], seconds: 300)
        guard built.status == 0 else { throw NotBuilt(reason: built.errors) }
        return try directory.bytes("objects/\(name)")
    }

    #if arch(arm64)
        private static let architecture = "arm64"
    #else
        private static let architecture = "x86_64"
    #endif
}
