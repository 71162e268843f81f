// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Platform
import TestSupport
import Testing

extension RecorderSuites {
    @Suite("Verified containers", .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct ContainerVerifyTests {
        private static let check =
            "nsenter -t $RINGFENCE_PID -m -n wget -qO- http://127.0.0.1:8080/ | grep -q ringfence"
        private let workspace: Workspace
        private let profile: String

        /// Records the web server until it has answered once.
        init() throws {
            workspace = try Workspace()
            profile = workspace.file("web.seccomp.json")
            let name = "rf-recorded-\(UInt32.random(in: 0 ... .max))"
            let start = try Engine.docker.command(Self.web(name), in: workspace)
            let script =
                "\"$@\" & until docker exec \(name) wget -qO- http://127.0.0.1:8080/; do sleep 0.1; done; "
                + "docker stop -t 10 \(name); wait"
            let recorded = try Ringfence.run(
                [
                    "record", "-q", "--container", name, "-o", workspace.file("web.json"), "--seccomp", profile, "--",
                    "sh",
                    "-c", script, "sh",
                ] + start, environment: Engine.environment)
            try #require(FileTree.exists(profile), "\(recorded.errors)")
        }

        private static func web(_ name: String) -> Engine.Container {
            Engine.Container(name: name, image: "nginx", words: ["/usr/sbin/nginx"])
        }

        private func verify(_ engine: Engine, _ file: String, _ options: [String] = []) throws -> Shell.Result {
            let name = "rf-verified-\(UInt32.random(in: 0 ... .max))"
            return try Ringfence.run(
                ["verify", "--seccomp", file, "--check", Self.check, "--format", "json"] + options + ["--"]
                    + engine.command(Self.web(name), in: workspace), environment: Engine.environment)
        }

        private struct Verdict: Decodable {
            struct Call: Decodable { let call: String }
            struct Environment: Decodable { let kernel, runtime, libc: String? }
            struct Mending: Decodable {
                struct Need: Decodable {
                    let call: String
                    let executables: [String]
                }
                let needed: [Need]
                let trials: Int
            }
            let verified, works: Bool
            let check: String?
            let denied: [Call]
            let environment: Environment?
            let mending: Mending?

            /// The last line of what was said: the container's own words may come before.
            init(_ run: Shell.Result) throws {
                let line = try #require(run.errors.split(separator: "\n").last { $0.hasPrefix("{") }, "\(run.errors)")
                self = try JSONDecoder().decode(Verdict.self, from: Data(line.utf8))
            }
        }

        @Test(
            "work under their own profile, which is marked with where it was tried",
            arguments: [Engine.docker, .podman, .runc])
        func works(_ engine: Engine) throws {
            let run = try verify(engine, profile, ["--junit", workspace.file("junit.xml")])
            #expect(run.status == 0, "\(run.errors)")
            let verdict = try Verdict(run)
            #expect(verdict.verified && verdict.works && verdict.check == "passed" && verdict.denied.isEmpty)
            #expect(
                verdict.environment?.runtime?.hasPrefix("runc 1.") == true, "\(String(describing: verdict.environment))"
            )
            #expect(verdict.environment?.libc == "glibc 2.36", "\(String(describing: verdict.environment))")
            let mark = workspace.text("web.seccomp.verified.json")
            let digest = SHA256.hexadecimal(of: try FileBytes.read(profile, limit: 1 << 20))
            #expect(mark.contains(digest) && mark.contains("\"engine\" : \"\(engine.rawValue)\""), "\(mark)")
            let explained = try Ringfence.run(["seccomp", "explain", profile])
            #expect(
                explained.output.contains("verified: works under \(engine.rawValue) (runc 1."), "\(explained.output)")
            #expect(workspace.text("junit.xml").contains("tests=\"2\" failures=\"0\""))
        }

        @Test("are not marked if their profile was changed meanwhile, which is said after what was found")
        func changed() throws {
            let name = "rf-changed-\(UInt32.random(in: 0 ... .max))"
            let run = try Ringfence.run(
                ["verify", "--seccomp", profile, "--check", Self.check + " && echo >>'\(profile)'", "--"]
                    + Engine.docker.command(Self.web(name), in: workspace), environment: Engine.environment)
            #expect(run.status == 65, "\(run.errors)")
            #expect(run.errors.contains("verified: the container works (its check passed)"), "\(run.errors)")
            #expect(
                run.errors.contains("\(profile) was changed while it was tried, and is not marked"), "\(run.errors)")
            #expect(!FileTree.exists(workspace.file("web.seccomp.verified.json")))
        }

        @Test("that lack one call are mended by exactly that", arguments: [Engine.docker, .runc])
        func bisects(_ engine: Engine) throws {
            // The web server's own; the runtime does without.
            for call in ["epoll_create", "epoll_create1", "listen"] where try allows(call) {
                let broken = try without(call)
                let run = try verify(
                    engine, broken, ["--bisect", "--patience", "3s", "--junit", workspace.file("j.xml")])
                #expect(run.status == 1, "\(run.errors)")
                let verdict = try Verdict(run)
                #expect(!verdict.verified && !verdict.works)
                #expect(verdict.denied.contains { $0.call == call }, "\(run.errors)")
                #expect(verdict.mending?.needed.map(\.call) == [call], "\(run.errors)")
                #expect(verdict.mending?.needed.first?.executables == ["/usr/sbin/nginx"], "\(run.errors)")
                #expect(workspace.text("j.xml").contains("mended by allowing 1 call"))
                #expect(!FileTree.exists(workspace.file("broken.verified.json")))
                return
            }
            Issue.record("the web server makes none of these calls")
        }

        @Test("that fail without a profile, too, are not said to fail by it; and what ends by itself needs no check")
        func ownFault() throws {
            let words = ["run", "--network", "none", "rf-busybox", "sh", "-c"]
            let fails = try Ringfence.run(
                ["verify", "--seccomp", profile, "--bisect", "--format", "json", "--", "/usr/bin/docker"] + words + [
                    "exit 3"
                ],
                environment: Engine.environment)
            #expect(fails.status == 1 && fails.errors.contains("it fails without a profile, too"), "\(fails.errors)")
            let ends = try Ringfence.run(
                ["verify", "--seccomp", profile, "--no-mark", "--", "/usr/bin/docker"] + words + ["exit 0"],
                environment: Engine.environment)
            #expect(ends.errors.contains("it exited with 0"), "\(ends.errors)")
            #expect(!FileTree.exists(workspace.file("web.seccomp.verified.json")))
        }

        private func allows(_ call: String) throws -> Bool {
            String(decoding: try FileBytes.read(profile, limit: 1 << 20), as: UTF8.self).contains("\"\(call)\"")
        }

        /// A copy of the profile that refuses one call.
        private func without(_ call: String) throws -> String {
            let text = String(decoding: try FileBytes.read(profile, limit: 1 << 20), as: UTF8.self)
            try workspace.write(
                text.replacing("\"\(call)\",", with: "").replacing(",\n        \"\(call)\"", with: ""),
                to: "broken.json")
            return workspace.file("broken.json")
        }
    }
}
