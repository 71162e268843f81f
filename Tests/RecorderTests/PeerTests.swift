// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    @Suite("Network peers of a recording", .serialized)
    struct PeerTests {
        private static let words = ["hasty=203.0.113.7=443", "hasty=::1=9", "udp=127.0.0.1=9", "wait=0.0.0.0=5019"]
        private static let names = [
            "connect/tcp/203.0.113.7:443", "connect/tcp/[::1]:9", "listen/tcp/*:5019", "send/udp/127.0.0.1:9",
        ]
        private let workspace: Workspace
        private let program: String

        init() throws {
            workspace = try Workspace()
            program = try #require(TestProgram.network.path, "cannot compile the test program")
        }

        private func record(_ options: [String]) throws -> Shell.Result {
            try Ringfence.run(
                ["record", "-o", workspace.file("p.json")] + options + ["--", program] + Self.words, in: workspace.path)
        }

        @Test("a command's are in its profile with who made them, and on one line of the summary")
        func command() throws {
            let run = try record(["--network"])
            #expect(run.status == 0, "\(run.errors)")
            let peers = try #require(try workspace.profile("p.json").peers)
            #expect(peers.keys.sorted() == Self.names)
            #expect(
                peers.values.allSatisfy { $0.phases["workload"]?.executables.keys.sorted() == [program] }, "\(peers)")
            let line =
                "network: connects to tcp/203.0.113.7:443, tcp/[::1]:9; sends to udp/127.0.0.1:9; listens at tcp/*:5019"
            #expect(run.errors.split(separator: "\n").contains { $0 == line }, "\(run.errors)")
            #expect(run.errors.contains("lost: nothing"), "\(run.errors)")
            // Another run adds up.
            #expect(try record(["--network", "--merge"]).status == 0)
            #expect(try workspace.profile("p.json").peers?[Self.names[0]]?.phases["workload"]?.runs == 2)
        }

        @Test("who does not want them has none, and where they cannot be watched that is said")
        func none() throws {
            let off = try record([])
            #expect(off.status == 0 && !off.errors.contains("network:"), "\(off.errors)")
            #expect(try workspace.profile("p.json").peers == nil)
            let old = try record(["--network", "--sensor", "fallback"])
            #expect(old.errors.contains("network peers are not recorded: only the program for old kernels works"))
            #expect(try workspace.profile("p.json").peers == nil)
            let both = try record(["--network", "--no-network"])
            #expect(both.status == 64 && both.errors.contains("exclude one another"), "\(both.errors)")
        }

        @Test("addresses have every name that DNS gave them, unless only addresses are wanted")
        func names() throws {
            let resolver = "127.0.0.97"
            try workspace.write("nameserver \(resolver)\n", to: "resolv.conf")
            let names = ["api.example.com", "cdn.example.net"]
            let words =
                ["resolver=\(resolver)=53"] + names.map { "set=203.0.113.7=\($0)" } + [
                    "name=\(resolver)=\(names[1])=0", "name=\(resolver)=\(names[0])=443",
                ]
            // The shell stays, so that somebody is there whose resolvers can be read.
            let script = "mount --bind \"$0\" /etc/resolv.conf && \"$@\" && sleep 1"
            func record(_ options: String...) throws -> BehaviourProfile {
                let command = ["unshare", "-m", "sh", "-c", script, workspace.file("resolv.conf"), program] + words
                let run = try Ringfence.run(
                    ["record", "--network", "-o", workspace.file("n.json")] + options + ["--"] + command,
                    in: workspace.path)
                #expect(run.status == 0 && run.errors.contains("lost: nothing"), "\(run.errors)")
                return try workspace.profile("n.json")
            }
            func contacts(_ profile: BehaviourProfile) -> [String] {
                (profile.peers ?? [:]).keys.filter { $0.hasPrefix("connect/") }.sorted()
            }
            let named = try record()
            #expect(contacts(named) == names.map { "connect/tcp/\($0):443" })
            #expect(named.addresses == Dictionary(uniqueKeysWithValues: names.map { ($0, ["203.0.113.7"]) }))
            let plain = try record("--no-names")
            #expect(contacts(plain) == ["connect/tcp/203.0.113.7:443"] && plain.addresses == nil)
        }

        @Test("a cgroup's are its own: those of others on the machine are not among them")
        func cgroup() throws {
            let (cgroup, other) = (try TestCgroup(), try TestCgroup())
            let run = try BackgroundRun(
                ["record", "-q", "-o", workspace.file("c.json"), "--cgroup", cgroup.path], in: workspace)
            #expect(run.waitUntilRecording(), "\(run.errors)")
            try other.run([program, "hasty=203.0.113.9=443"])
            try cgroup.run([program] + Self.words)
            run.send(SIGINT)
            #expect(try run.end() == 0, "\(run.errors)")
            #expect(try workspace.profile("c.json").peers?.keys.sorted() == Self.names)
        }
    }
}
