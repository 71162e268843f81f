// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Profiles
import Seccomp
import Testing

@Suite("Never-allow list")
struct NeverAllowTests {
    @Test("the list inside equals profiles/never-allow.conf")
    func equalsFile() throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let file = root.appending(path: "profiles/never-allow.conf")
        let text = try String(contentsOf: file, encoding: .utf8)
        let entries = try #require(NeverAllow.parse(text))
        #expect(entries == NeverAllow.entries)
        #expect(entries.count > 60)
    }

    @Test("tiers and reasons are found by call, family and flag")
    func tiers() {
        #expect(NeverAllow.tier(of: "ptrace") == .never)
        #expect(NeverAllow.tier(of: "mount") == .justified)
        #expect(NeverAllow.tier(of: "splice") == .notable)
        #expect(NeverAllow.tier(of: "read") == nil)
        #expect(NeverAllow.reason(for: "open_by_handle_at")?.contains("escape") == true)
        for item in Array(NeverAllow.cloneFlags.keys) + Array(NeverAllow.socketFamilies.keys) {
            #expect(NeverAllow.tier(of: item) == .justified, "\(item)")
        }
        #expect(NeverAllow.cloneFlags.values.reduce(0, |) == NeverAllow.namespaceFlags)
    }

    @Test("every call on the list is one that libseccomp knows")
    func known() {
        let calls = NeverAllow.entries.map(\.item).filter { !$0.contains(":") }
        #expect(calls.filter { !CallCatalog.isKnown($0) } == [])
    }
}
