// SPDX-License-Identifier: Apache-2.0
import Platform
import Profiles
import TestSupport
import Testing

@testable import CommandLineTool

@Suite("Marks of verified profiles")
struct VerifiedMarkTests {
    private let workspace: Workspace
    private let file: String
    private let digest: String

    init() throws {
        workspace = try Workspace()
        file = try workspace.write("{}", to: "web.seccomp.json")
        digest = SHA256.hexadecimal(of: Array("{}".utf8))
    }

    private func trial(_ engine: String) -> VerifiedMark.Trial {
        .init(
            time: "2026-01-01T00:00:00Z", engine: engine, environment: ProfileEnvironment(kernel: "6.1"), check: "true")
    }

    @Test("are of the bytes that were tried: a file that was changed meanwhile gets none, and loses none it had")
    func changed() throws {
        try VerifiedMark.add(trial("docker"), to: file, tried: digest)
        try VerifiedMark.add(trial("podman"), to: file, tried: digest)
        try VerifiedMark.add(trial("podman"), to: file, tried: digest)
        #expect(VerifiedMark.read(of: file)?.trials.map(\.engine) == ["docker", "podman"])
        let mark = workspace.text("web.seccomp.verified.json")
        try workspace.write("{ }", to: "web.seccomp.json")
        let failure = try #require(throws: CommandFailure.self) {
            try VerifiedMark.add(trial("runc"), to: file, tried: digest)
        }
        #expect(
            failure.exitCode == 65 && failure.description.contains("web.seccomp.json was changed while it was tried"))
        #expect(workspace.text("web.seccomp.verified.json") == mark && VerifiedMark.read(of: file) == nil)
    }

    @Test("are not made of a file that is gone")
    func gone() throws {
        let failure = try #require(throws: CommandFailure.self) {
            try VerifiedMark.add(trial("runc"), to: workspace.file("none.json"), tried: digest)
        }
        #expect(failure.exitCode == 66 && !workspace.has("none.verified.json"))
    }
}
