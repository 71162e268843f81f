// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite("Configured resolvers")
struct ResolverFileTests {
    private func addresses(_ text: String) -> [String] { ResolverFile.parse(text).map(\.text).sorted() }

    @Test("nameservers are read as resolv.conf(5) says, and nothing else")
    func parse() {
        #expect(
            addresses("# x\nnameserver 192.0.2.53\n nameserver\t2001:db8::53%eth0 # y\nsearch a\noptions ndots:5\n")
                == ["192.0.2.53", "2001:db8::53"])
        #expect(addresses("") == ["127.0.0.1", "::1"], "resolv.conf(5): without any it is the machine itself")
        #expect(addresses("nameserver\nnameserver x\nnameserverx 192.0.2.1\n;nameserver 192.0.2.1").count == 2)
        #expect(addresses("nameserver 0.0.0.0") == ["127.0.0.1"])
        #expect(
            ResolverFile.parse((0..<99).map { "nameserver 192.0.2.\($0)\n" }.joined()).count == ResolverFile.limit)
    }

    @Test("a link of the container's stays in the container, and what is no file is not waited for")
    func hostile() throws {
        let workspace = try Workspace()
        let etc = workspace.file("proc/7/root/etc")
        try FileManager.default.createDirectory(atPath: etc, withIntermediateDirectories: true)
        func resolvers() -> [String]? {
            ResolverFile.resolvers(ofProcess: 7, procfs: workspace.file("proc"))?.map(\.text).sorted()
        }
        let local = ["127.0.0.1", "::1"]
        #expect(resolvers() == local)
        try workspace.write("nameserver 192.0.2.66\n", to: "secret")
        for target in [workspace.file("secret"), "../../../../../secret", "../../../../secret"] {
            #expect(unsafe symlink(target, "\(etc)/resolv.conf") == 0)
            #expect(resolvers() == local, "\(target)")
            _ = unsafe unlink("\(etc)/resolv.conf")
        }
        try FileManager.default.createDirectory(
            atPath: workspace.file("proc/7/root/run"), withIntermediateDirectories: true)
        try workspace.write("nameserver 192.0.2.53\n", to: "proc/7/root/run/stub")
        #expect(unsafe symlink("/run/stub", "\(etc)/resolv.conf") == 0)
        #expect(resolvers() == ["192.0.2.53"], "an absolute link is one of the container's")
        _ = unsafe unlink("\(etc)/resolv.conf")
        #expect(unsafe mkfifo("\(etc)/resolv.conf", 0o600) == 0)
        #expect(resolvers() == nil)
        #expect(ResolverFile.resolvers(ofProcess: 8, procfs: workspace.file("proc")) == nil, "the process is gone")
    }
}
