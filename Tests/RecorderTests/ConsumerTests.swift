// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Seccomp
import TestSupport
import Testing

extension RecorderSuites {
    /// What is generated, judged by those that it is for.
    @Suite("Generated files and their consumers", .serialized)
    struct ConsumerTests {
        private let workspace: Workspace
        private let probe: String

        /// Records a program that makes two harmless calls.
        init() throws {
            workspace = try Workspace()
            probe = try #require(TestProgram.errno.path)
            let run = try Ringfence.run(
                ["record", "-q", "-o", workspace.file("p.json"), "--", probe] + Self.numbers(["getpriority"]))
            try #require(run.status == 0, "\(run.errors)")
        }

        private static func numbers(_ names: [String]) throws -> [String] {
            try names.map { String(try #require(SyscallTable.table(.native).number($0))) }
        }

        /// What the probe is to try, and what it is to be answered.
        private static let calls = ["getpriority", "clone3", "ptrace", "mincore"]
        private static func words() throws -> [String] { try numbers(calls) + ["600"] }
        private static func answers(_ errnos: [Int32]) throws -> String {
            try zip(words(), errnos).map { "\($0) \($1)\n" }.joined()
        }

        @discardableResult
        private func generate(
            _ name: String, _ options: [String], of recording: String = "p.json"
        ) throws -> String {
            let run = try Ringfence.run(
                ["seccomp", "generate", "-q", workspace.file(recording), "-o", workspace.file(name)] + options)
            try #require(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
            return workspace.file(name)
        }

        private static let engines: [(Engine, Bool)] = [
            (.runc, false), (.runc, true), (.crun, false), (.crun, true), (.docker, false), (.docker, true),
            (.podman, false), (.podman, true), (.containerd, false),
        ]

        @Test(
            "a file for one runtime starts there, with and without no_new_privs, and clone3 and unknown numbers are not there for the program",
            .enabled(if: Engine.areUp, "\(Engine.needed)"), arguments: engines)
        func runtime(_ engine: Engine, _ isLate: Bool) throws {
            let profile = try generate(
                "s.json", ["--for-runtime", engine.rawValue] + (isLate ? ["--no-new-privs"] : []))
            let name = "rf-runtime-\(getpid())-\(engine.rawValue)"
            var container = Engine.Container(
                name: name, image: "busybox", words: ["/run/errno"] + (try Self.words()), seccomp: profile,
                programs: ["errno": probe])
            container.noNewPrivileges = isLate
            defer { engine.remove(name) }
            let run = try engine.run(container, in: workspace)
            let expected = try Self.answers([0, ENOSYS, EPERM, ENOSYS, ENOSYS])
            #expect(run.status == 0 && run.output == expected, "\(run.output)\(run.errors)")
        }

        @Test(
            "a file within an engine's default starts under that engine",
            .enabled(if: Engine.areUp, "\(Engine.needed)"), arguments: [Engine.docker, .podman, .containerd])
        func base(_ engine: Engine) throws {
            let profile = try generate(
                "b.json", ["--base", engine.rawValue, "--for-runtime", engine.rawValue, "--widen"])
            let name = "rf-base-\(getpid())"
            let container = Engine.Container(
                name: name, image: "busybox", words: ["/run/errno"] + (try Self.words()), seccomp: profile,
                programs: ["errno": probe])
            defer { engine.remove(name) }
            let run = try engine.run(container, in: workspace)
            #expect(
                run.output == (try Self.answers([0, ENOSYS, EPERM, ENOSYS, ENOSYS])), "\(run.output)\(run.errors)")
            let difference = try Ringfence.run(
                ["seccomp", "diff", "\(engine.rawValue)-default", profile, "--fail-on-tier", "1"])
            #expect(difference.status == 0, "\(difference.output)")
        }

        @Test(
            "exec into a container with no_new_privs works under its profile",
            .enabled(if: Engine.areUp, "\(Engine.needed)"), arguments: [Engine.runc, .crun, .docker])
        func exec(_ engine: Engine) throws {
            let both = try Ringfence.run(
                ["record", "-q", "-o", workspace.file("b.json"), "--", "/bin/busybox", "sh", "-c"]
                    + ["\(probe) \(try Self.numbers(["getpriority"])[0]); exec /bin/busybox sleep 0.1"])
            try #require(both.status == 0, "\(both.errors)")
            let name = "rf-late-\(getpid())"
            var container = Engine.Container(
                name: name, image: "busybox", words: ["sleep", "60"],
                seccomp: try generate(
                    "e.json", ["--for-runtime", engine.rawValue, "--no-new-privs"], of: "b.json"),
                programs: ["errno": probe])
            container.noNewPrivileges = true
            defer { engine.remove(name) }
            let running = try Background(engine.command(container, in: workspace))
            defer { running.kill() }
            var answer = ""
            let words = try ["/run/errno"] + Self.words()
            _ = try Shell.eventually {
                answer = try engine.exec(name, words, noNewPrivileges: true).output
                return !answer.isEmpty
            }
            #expect(answer == (try Self.answers([0, ENOSYS, EPERM, ENOSYS, ENOSYS])))
        }

        @Test("the raw program is loaded with prctl and obeyed")
        func raw() throws {
            let filter = try generate("s.bpf", ["--format", "bpf", "--for-runtime", "crun", "--no-new-privs"])
            let loader = try #require(TestProgram.load.path)
            let run = try Shell.run([loader, filter, probe] + Self.words())
            #expect(
                run.output == (try Self.answers([0, ENOSYS, EPERM, ENOSYS, ENOSYS])), "\(run.output)\(run.errors)")
        }

        @Test(
            "the raw program is loaded by crun from its annotation and obeyed",
            .enabled(if: Engine.areUp, "\(Engine.needed)"))
        func annotation() throws {
            let filter = try FileBytes.read(
                try generate("s.bpf", ["--format", "bpf", "--for-runtime", "crun"]), limit: 1 << 16)
            let name = "rf-raw-\(getpid())"
            var container = Engine.Container(
                name: name, image: "busybox", words: ["/run/errno"] + (try Self.words()),
                programs: ["errno": probe])
            container.annotations = ["run.oci.seccomp_bpf_data": Data(filter).base64EncodedString()]
            defer { Engine.crun.remove(name) }
            let run = try Engine.crun.run(container, in: workspace)
            #expect(
                run.output == (try Self.answers([0, ENOSYS, EPERM, ENOSYS, ENOSYS])), "\(run.output)\(run.errors)")
        }

        /// A service with the drop-in, for systemd-analyze.
        private func service() throws -> String {
            try generate("seccomp.conf", ["--format", "systemd", "--no-new-privs"])
            try workspace.makeDirectory("rf-probe.service.d")
            try workspace.write(workspace.text("seccomp.conf"), to: "rf-probe.service.d/seccomp.conf")
            return try workspace.write(
                "[Service]\nExecStart=\(probe) \(try Self.words().joined(separator: " "))\n", to: "rf-probe.service")
        }

        @Test(
            "systemd takes the drop-in without a word, and counts it",
            .enabled(if: BootedSystemd.isHere, "\(BootedSystemd.needed)"))
        func dropIn() throws {
            let unit = try service()
            let verified = try Shell.run(["systemd-analyze", "verify", "--man=no", unit])
            #expect(verified.status == 0 && verified.output.isEmpty && verified.errors.isEmpty, "\(verified.errors)")
            let judged = try Shell.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", unit])
            let lines = judged.output.split(separator: "\n").map(String.init)
            for line in [
                "SystemCallFilter=~@mount", "SystemCallFilter=~@debug", "SystemCallFilter=~@privileged",
                "SystemCallFilter=~@raw-io", "SystemCallArchitectures=", "RestrictNamespaces=~user",
                "NoNewPrivileges=",
            ] {
                // Words after a name say that it is so; a cross before it, that it is not.
                let found = try #require(lines.first { $0.contains(" \(line) ") }, "\(line): \(judged.output)")
                #expect(found.hasPrefix("✓"), "\(found)")
            }
            // What it would say of a drop-in that is wrong.
            try workspace.write(
                "[Service]\nSystemCallFilter=read ptrace:EPERM\n", to: "rf-probe.service.d/seccomp.conf")
            #expect(try !Shell.run(["systemd-analyze", "verify", "--man=no", unit]).errors.isEmpty)
        }

        @Test(
            "a service under the drop-in does its work, and is refused the rest",
            .enabled(if: BootedSystemd.isHere, "\(BootedSystemd.needed)"))
        func obeyed() throws {
            _ = try service()
            let run = try BootedSystemd.run(
                """
                mkdir -p /run/systemd/system
                cp -r rf-probe.service rf-probe.service.d /run/systemd/system/
                printf 'StandardOutput=file:%s\\n' "$WORKSPACE/answers" >>/run/systemd/system/rf-probe.service
                systemctl daemon-reload
                systemctl start --wait rf-probe
                """, in: workspace, programs: [probe])
            #expect(run.status == 0, "\(run.status): \(run.errors)")
            // systemd has one number for all.
            #expect(workspace.text("answers") == (try Self.answers([0, ENOSYS, ENOSYS, ENOSYS, ENOSYS])))
        }

        @Test("a profile recorded on arm64 is compiled and proved for arm64, and a drop-in is not said to be proved")
        func proofs() throws {
            let here = "\"\(CallABI.native.name(on: .current))\""
            let foreign = workspace.text("p.json").replacing(here, with: "\"arm64\"")
            try #require(foreign.contains("\"arm64\""), "\(foreign.prefix(200))")
            try workspace.write(foreign, to: "arm.json")
            let text = try generate("arm.pfc", ["--format", "pfc"], of: "arm.json")
            let filter = String(decoding: try FileBytes.read(text, limit: 1 << 20), as: UTF8.self)
            #expect(filter.contains("filter for arch aarch64") && !filter.contains("filter for arch x86"))
            let made = try Ringfence.run(
                ["seccomp", "generate", workspace.file("arm.json"), "-o", workspace.file("arm.seccomp.json")])
            let proved = try Ringfence.run(
                ["seccomp", "prove", workspace.file("arm.seccomp.json"), "--format", "json"])
            #expect(made.status == 0 && proved.status == 0, "\(made.errors) \(proved.errors)")
            #expect(proved.output.contains("\"arm64\":{") && !proved.output.contains("x86_64"), "\(proved.output)")
            let dropIn = try Ringfence.run(
                [
                    "seccomp", "generate", workspace.file("p.json"), "--format", "systemd", "-o",
                    workspace.file("s.conf"),
                ])
            let lines = dropIn.errors.split(separator: "\n").map(String.init)
            #expect(lines.first?.contains("proved") == false, "\(dropIn.errors)")
            #expect(
                lines.contains { $0.hasPrefix("proved over ") && $0.contains("not this file: systemd compiles it") },
                "\(dropIn.errors)")
        }

        @Test("a SeccompProfile is what the operator's resource definition asks for, in both versions")
        func resource() throws {
            let files = [
                try generate("plain.yaml", ["--format", "spo"]),
                try generate(
                    "base.yaml", ["--format", "spo", "--base", "podman", "--widen", "--args", "ioctl"]),
            ]
            let definition = Repository.path + "/Tests/Fixtures/security-profiles-operator/seccompprofile.yaml"
            let script = try workspace.write(Self.validator, to: "validate.py")
            for file in files {
                let run = try Shell.run(["/usr/bin/python3", script, definition, file])
                #expect(run.status == 0 && run.output == "v1\nv1beta1\n", "\(run.output)\(run.errors)")
            }
            // What it would say of one that is wrong.
            for (good, bad) in [
                ("SCMP_ACT_ERRNO", "SCMP_ACT_EPERM"), ("    names:", "    calls:"), ("index: 0", "index: zero"),
                ("spec:", "spec:\n  includes: []"), ("    - brk", "    - brk\n    - brk"),
            ] {
                let broken = try workspace.write(workspace.text("base.yaml").replacing(good, with: bad), to: "bad.yaml")
                #expect(try Shell.run(["/usr/bin/python3", script, definition, broken]).status == 1, "\(bad)")
            }
        }

        /// Validates as an API server does with strict field validation: the schema, no unknown field, and lists that are
        /// sets without a repetition.
        private static let validator = """
            import copy, sys, yaml, jsonschema

            def strict(node):
                if isinstance(node, dict):
                    if node.get("type") == "object" and "properties" in node:
                        node["additionalProperties"] = False
                    if node.get("x-kubernetes-list-type") == "set":
                        node["uniqueItems"] = True
                    for child in node.values():
                        strict(child)
                elif isinstance(node, list):
                    for child in node:
                        strict(child)

            definition, resource = (yaml.safe_load(open(path)) for path in sys.argv[1:3])
            group = definition["spec"]["group"]
            served = [version["name"] for version in definition["spec"]["versions"] if version["served"]]
            assert resource["apiVersion"].split("/") [0] == group and resource["apiVersion"].split("/")[1] in served
            assert resource["kind"] == definition["spec"]["names"]["kind"]
            for version in definition["spec"]["versions"]:
                schema = copy.deepcopy(version["schema"]["openAPIV3Schema"])
                strict(schema)
                try:
                    jsonschema.Draft4Validator(schema).validate(resource)
                except jsonschema.ValidationError as error:
                    print(list(error.path), error.message, file=sys.stderr)
                    sys.exit(1)
                print(version["name"])
            """

        @Test("what cannot be generated is one line, the exit code of its cause, and no file")
        func refused() throws {
            for (words, status, text) in [
                (["--args", "fcntl"], 64, "fcntl"),
                (["--phase", "steady"], 65, "no program loaded a seccomp filter of its own"),
                (["--base", "lxc"], 64, "lxc"),
                (["--for-runtime", "gvisor"], 64, "gvisor"), (["--format", "yaml"], 64, "yaml"),
                (["--args", "socket", "--no-argument-rules"], 64, "exclude"),
            ] as [([String], Int32, String)] {
                let run = try Ringfence.run(
                    ["seccomp", "generate", workspace.file("p.json"), "-o", workspace.file("none.json")] + words)
                #expect(run.status == status && run.errors.contains(text), "\(words): \(run.errors)")
                #expect(run.errors.split(separator: "\n").count == 1 && !workspace.has("none.json"))
            }
        }
    }
}
