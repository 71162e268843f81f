// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Control
import Events
import Platform
import TestSupport
import Testing

@testable import Daemon

@Suite("Book of postures")
struct PostureBookTests {
    private static let second: UInt64 = 1_000_000_000
    private let workspace: Workspace
    private let container: TrackedContainer
    private let book: PostureBook

    /// A container that was found a second after the start, whose first process runs and whose bundle is still empty.
    init() throws {
        workspace = try Workspace()
        try workspace.write("CapBnd:\t000001ffffffffff\nSeccomp:\t0\n", to: "proc/7/status")
        var description = ContainerDescription(id: "1", name: "web", engine: .docker)
        description.bundle = workspace.path
        description.pid = 7
        container = TrackedContainer(description, path: "/docker/1", role: .container, now: Self.second)
        book = PostureBook(PostureReader(hierarchy: nil, procfs: workspace.file("proc")), weights: .standard)
    }

    private func configure(_ text: String) throws {
        try workspace.write(text, to: "config.json")
    }

    private static let whole = #"{"process":{"noNewPrivileges":true},"linux":{}}"#

    @Test("what is asked for in a container's first moments is answered, and read anew once its engine has written it")
    func early() throws {
        book.add(container)
        #expect(book.posture(of: container, now: Self.second).source == .process)
        #expect(container.posture == nil && container.headlines == nil)
        try configure(Self.whole)
        #expect(book.posture(of: container, now: 2 * Self.second).noNewPrivileges == true)
        #expect(container.posture?.source == .configuration && container.headlines != nil)
        #expect(!book.service(now: 3 * Self.second) && book.deadline == nil)
    }

    @Test("a configuration that is half written is looked at again, and what there is by then is kept")
    func torn() throws {
        try configure(String(Self.whole.prefix(20)))
        book.add(container)
        #expect(book.deadline == Self.second && book.service(now: Self.second))
        #expect(container.posture == nil && book.deadline == 3 * Self.second)
        #expect(!book.service(now: 2 * Self.second))
        #expect(book.service(now: 3 * Self.second) && book.deadline == nil)
        #expect(container.posture?.source == .process)
        try configure(Self.whole)
        #expect(book.posture(of: container, now: 4 * Self.second).source == .process, "it is read once")
    }

    @Test("what ends in its first moments has what could be read of it")
    func ended() {
        container.isGone = true
        #expect(book.posture(of: container, now: Self.second).source == .process)
        #expect(container.posture != nil)
    }
}

extension DaemonSuites {
    @Suite("Posture and inventory", .enabled(if: Engine.areUp, Comment(rawValue: Engine.needed)))
    struct PostureTests {
        /// A container of an engine that sleeps while the value lives.
        private final class Sleeper {
            let name = "rf-posture-\(UInt32.random(in: 0 ... .max))"
            private let engine: Engine
            private let run: Background

            init(_ engine: Engine, _ options: [String], in workspace: Workspace) throws {
                self.engine = engine
                run = try Background(
                    engine.command(
                        Engine.Container(
                            name: name, image: "busybox", words: ["/bin/sleep", "600"], options: options), in: workspace
                    ))
            }

            deinit {
                engine.remove(name)
                run.kill()
            }
        }

        private static func entry(_ name: String, _ daemon: RunningDaemon) throws -> JSONValue? {
            try daemon.json(["containers"]).elements?.first { $0["name"]?.text == name }
        }

        private static func posture(_ name: String, _ daemon: RunningDaemon) throws -> Set<String> {
            var found: JSONValue?
            let isThere = try Shell.eventually {
                found = try entry(name, daemon)
                return found != nil
            }
            try #require(isThere, "\(name): \(daemon.words)")
            return Set((found?["posture"]?.elements ?? []).compactMap(\.text))
        }

        /// Where not even root has every capability, Docker cannot give them all.
        private static var hasEverything: Bool {
            let status = (try? FileBytes.read("/proc/self/status", limit: 1 << 16)) ?? []
            let bounding = String(decoding: status, as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("CapBnd:\t") }?.dropFirst("CapBnd:\t".count)
            return bounding.flatMap { CapabilitySet(hexadecimal: $0) }?.contains("CAP_SYS_RESOURCE") ?? false
        }

        @Test("what containers of three engines were given is in the list and weighed, and can fail a check")
        func engines() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let key = ["--label", "ringfence.profile=posture-\(UInt32.random(in: 0 ... .max))"]
            let docker = try Sleeper(
                .docker,
                key + (Self.hasEverything ? ["--privileged"] : ["--pid", "host", "--cap-add", "SYS_ADMIN"]),
                in: daemon.workspace)
            let podman = try Sleeper(
                .podman, key + ["--privileged", "-v", "/run/ringfence-test/docker.sock:/run/docker.sock"],
                in: daemon.workspace)
            let runc = try Sleeper(.runc, [], in: daemon.workspace)
            let modest = try Sleeper(
                .docker,
                key + [
                    "--user", "1000", "--cap-drop", "ALL", "--read-only", "--memory", "64m", "--pids-limit", "50",
                    "--security-opt", "no-new-privileges",
                ], in: daemon.workspace)
            let ofDocker = try Self.posture(docker.name, daemon)
            #expect(ofDocker.contains("capability:CAP_SYS_ADMIN") && ofDocker.contains("root-user"), "\(ofDocker)")
            #expect(ofDocker.contains(Self.hasEverything ? "privileged" : "host-namespace:pid"), "\(ofDocker)")
            let ofPodman = try Self.posture(podman.name, daemon)
            #expect(
                ofPodman.isSuperset(of: ["privileged", "engine-socket", "no-seccomp", "all-devices"]), "\(ofPodman)")
            #expect(try Self.posture(runc.name, daemon).isSuperset(of: ["no-seccomp", "root-user", "no-memory-limit"]))
            let ofModest = try Self.posture(modest.name, daemon)
            #expect(
                ofModest.isDisjoint(with: ["no-seccomp", "root-user", "new-privileges", "no-memory-limit"]),
                "\(ofModest)")

            let above = try daemon.tool(["containers", podman.name, "--max-risk", "99"])
            #expect(above.status == 1 && above.errors == "ringfence: the risk of \(podman.name) is 100, above 99\n")
            let below = try daemon.tool(["containers", modest.name, "--max-risk", "20"])
            #expect(below.status == 0 && below.errors.isEmpty, "\(below.errors)")
            #expect(try daemon.tool(["containers", "--max-risk", "99"]).status == 1)
            var story = try daemon.tool(["containers", "--explain", podman.name])
            for words in [
                "risk 100 of 100", "/run/ringfence-test/docker.sock at /run/docker.sock", "40  privileged",
                "given to it, by its OCI configuration",
            ] { #expect(story.output.contains(words), "\(words) in \(story.output)") }
            // What a container uses is known from its first epoch on, if the kernel tells at all (Linux 6.14).
            let isBlind = daemon.words.contains("capabilities that are used are not recorded")
            let isTold = try Shell.eventually {
                story = try daemon.tool(["containers", "--explain", podman.name])
                return story.output.contains("never used            \(isBlind ? "not known" : "CAP_CHOWN")")
            }
            #expect(isTold, "\(story.output)")
            let report = try daemon.json(["containers", "--explain", runc.name]).elements?.first?["report"]
            #expect(report?["source"]?.text == "configuration" && report?["facts"]?.elements?.count == 14)
        }

        @Test("a container that nobody has approved is told once, with image and posture, by this daemon and the next")
        func unexpected() throws {
            let daemon = try RunningDaemon()
            try daemon.start()
            let number = UInt32.random(in: 0 ... .max)
            func start(_ key: String, _ options: [String] = []) throws -> Sleeper {
                let sleeper = try Sleeper(
                    .docker, ["--label", "ringfence.profile=\(key)-\(number)"] + options, in: daemon.workspace)
                #expect(try Shell.eventually { try Self.entry(sleeper.name, daemon) != nil }, "\(daemon.words)")
                return sleeper
            }
            let known = try start("known")
            // Without an inventory nothing is unexpected.
            #expect(try daemon.json(["containers", "--inventory"])["isKept"]?.bool == false)
            let approved = try daemon.tool(["containers", "--approve", "--reason", "they are ours"])
            #expect(
                approved.status == 0 && approved.output.contains("known-\(number): approved\n"), "\(approved.errors)")
            #expect(try Self.entry(known.name, daemon)?["isApproved"]?.bool == true)

            let again = try start("known")
            let stranger = try start("stranger", ["--pid", "host"])
            #expect(Shell.eventually { !daemon.alerts(of: stranger.name).isEmpty }, "\(daemon.words)")
            let alert = try #require(daemon.alerts(of: stranger.name).first)
            #expect(alert.rule == .unexpectedContainer && alert.severity == .warning)
            #expect(alert.container.image == "rf-busybox" && alert.items.map(\.item.name) == ["stranger-\(number)"])
            #expect(alert.container.posture?.contains("the host's pid namespace") == true, "\(alert.container)")
            #expect(alert.what.contains("started through root's docker (runc)"), "\(alert.what)")
            #expect(
                try daemon.json(["containers", "--inventory"])["unexpected"]?.elements == [
                    .string("stranger-\(number)")
                ])
            #expect(try daemon.tool(["explain", alert.id]).output.contains("Posture     the host's pid namespace"))

            try daemon.stop()
            try daemon.start()
            #expect(try Self.entry(stranger.name, daemon)?["isApproved"]?.bool == false)
            // One that comes later is told of by the daemon that would have told of the first again.
            let later = try start("later")
            #expect(Shell.eventually { !daemon.alerts(of: later.name).isEmpty }, "\(daemon.words)")
            #expect(try daemon.tool(["containers", "--approve", later.name, "--reason", "new"]).status == 0)
            #expect(try daemon.stop() == 0)
            for (name, count) in [(known.name, 0), (again.name, 0), (stranger.name, 1), (later.name, 1)] {
                let told = daemon.alerts(of: name).filter { $0.rule == .unexpectedContainer }
                #expect(told.count == count && told.allSatisfy { $0.count == 1 }, "\(name): \(told)")
            }
            let audit = String(
                decoding: try FileBytes.read(daemon.stateDirectory + "/audit.jsonl", limit: 1 << 24), as: UTF8.self)
            #expect(audit.contains("\"verb\":\"inventory.approve\"") && audit.contains("they are ours; approved "))
            #expect(audit.split(separator: "\n").filter { $0.contains("\"verb\":\"unexpected-container\"") }.count == 2)
        }
    }
}
