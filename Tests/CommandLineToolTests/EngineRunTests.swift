// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import CommandLineTool

@Suite("Command lines of engines")
struct EngineRunTests {
    private static func run(_ line: String) throws -> EngineRun? {
        try EngineRun(line.split(separator: " ").map(String.init))
    }

    @Test("what starts a container is told from what does not")
    func kinds() throws {
        #expect(try Self.run("docker run web")?.engine == .docker)
        #expect(try Self.run("/usr/bin/podman --runtime runc run web")?.engine == .podman)
        #expect(try Self.run("runc --root /x run -b /b one")?.engine == .runc)
        #expect(try Self.run("docker --debug container run web") != nil)
        for line in ["nginx -g run", "kubectl run web", "true", "docker exec web run", "docker -H x start run"] {
            #expect(try Self.run(line) == nil, "\(line)")
        }
    }

    @Test("the profile goes before what was there, with a name and --rm only where they are missing")
    func commands() throws {
        let plain = try #require(try Self.run("docker -H unix:///x run -it -p80:80 -v /a:/b web sh -c x"))
        #expect(plain.name.hasPrefix("ringfence-verify-"))
        #expect(
            try plain.command(seccomp: "/t/s.json", in: "/t")
                == "docker -H unix:///x run --security-opt seccomp=/t/s.json --name \(plain.name) --rm -it -p80:80 -v /a:/b web sh -c x"
                .split(separator: " ").map(String.init))
        let named = try #require(try Self.run("docker run --rm --name=one --read-only web --name two -d --rm"))
        #expect(named.name == "one")
        #expect(
            try named.command(seccomp: "s", in: "/t").joined(separator: " ")
                == "docker run --security-opt seccomp=s --rm --name=one --read-only web --name two -d --rm")
        #expect(named.stop(isPatient: true) == ["docker", "stop", "-t", "10", "one"])
        let bare = try #require(try Self.run("runc run --no-pivot --bundle /b one"))
        #expect(bare.name == "one" && bare.removal == ["runc", "delete", "-f", "one"])
    }

    @Test(
        "what could not be verified is refused with a reason",
        arguments: [
            ("docker run -d web", "--detach"), ("docker run -itd web", "--detach"),
            ("podman run --detach=true web", "--detach"), ("docker run --privileged web", "privileged"),
            ("docker run --security-opt seccomp=unconfined web", "--seccomp"), ("docker run --rm", "no image"),
            ("docker run --security-opt=seccomp=x web", "--seccomp"), ("runc run -b /b", "no container"),
        ])
    func refused(_ line: String, _ words: String) {
        let failure = #expect(throws: CommandFailure.self) { try Self.run(line) }
        #expect(
            failure?.exitCode == 64 && failure?.description.contains(words) == true, "\(String(describing: failure))")
    }

    @Test("--detach=false, and options of the program inside, are no reason")
    func notRefused() throws {
        #expect(try Self.run("docker run --detach=false web") != nil)
        #expect(try Self.run("docker run web --privileged -d") != nil)
        #expect(try Self.run("docker run -e -d web") != nil)
    }
}
