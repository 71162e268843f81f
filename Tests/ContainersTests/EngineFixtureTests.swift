// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

@testable import Containers

@Suite("State of engines")
struct EngineFixtureTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/engines").path

    private static var engines: [String] {
        ((try? FileTree.entries(of: directory)) ?? []).filter { $0 != "README" && !$0.hasSuffix("-rootless") }
    }

    @Test("what an engine wrote is told as the fixture says, cgroup by cgroup", arguments: engines)
    func golden(engine: String) throws {
        #expect(try told(of: engine, root: "\(Self.directory)/\(engine)/root") == expected(engine))
    }

    @Test(
        "what a user's engine wrote is told as the fixture says, and counts in that user's slice only",
        .enabled(if: geteuid() == 0, "giving files to another user needs root"),
        arguments: ["docker-rootless", "podman-rootless"])
    func rootless(engine: String) throws {
        let scratch = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: "\(Self.directory)/\(engine)/root", toPath: scratch.path + "/root")
        let home = scratch.path + "/root/home/eve"
        try #require(Shell.run(["chown", "-R", "1000:1000", home]).status == 0)
        #expect(try told(of: engine, root: scratch.path + "/root") == expected(engine))
    }

    @Test("every engine that can make a container has a fixture")
    func complete() throws {
        let told = try Self.engines.map { try expected($0) }.joined()
        for engine in ContainerEngine.allCases where engine != .kubernetes && engine != .systemd {
            #expect(told.contains("\nengine \(engine.rawValue)\n"), "\(engine)")
        }
    }

    private func expected(_ engine: String) throws -> String {
        let path = "\(Self.directory)/\(engine)/expected.txt"
        return String(decoding: try FileBytes.read(path, limit: 1 << 20), as: UTF8.self)
    }

    private func told(of engine: String, root: String) throws -> String {
        var options = ContainerIndex.Options()
        options.root = root
        let index = ContainerIndex(options: options, hierarchy: nil)
        let paths = String(
            decoding: try FileBytes.read("\(Self.directory)/\(engine)/cgroups.txt", limit: 1 << 16), as: UTF8.self)
        var text = ""
        for path in paths.split(separator: "\n").map(String.init) {
            let container = try #require(index.describe(cgroupPath: path))
            text += "cgroup \(path)\n" + lines(container).map { "\($0)\n" }.joined() + "\n"
        }
        let listed = index.list()
        #expect(listed.skipped.isEmpty)
        return text + "listed \(listed.containers.map(\.name).joined(separator: ", "))\n"
    }

    private func lines(_ container: ContainerDescription) -> [String] {
        let settings = ContainerSettings(container)
        let fields: [(String, String?)] = [
            ("id", container.id), ("name", container.name), ("engine", container.engine.rawValue),
            ("runtime", container.runtime), ("owner", container.owner == 0 ? nil : "\(container.owner)"),
            ("image", container.image),
            ("digest", container.digest.map { "\($0) of \(container.digestKind?.rawValue ?? "nothing")" }),
            ("image id", container.imageID), ("command", container.command.joined(separator: " ")),
            ("container's cgroup", container.cgroupPath), ("pid", container.pid.map { "\($0)" }),
            ("workload", container.workload?.description), ("health check", "\(container.healthcheck)"),
            ("created", container.created), ("inherited", container.inheritedLabels.sorted().joined(separator: " ")),
            ("mode", settings.mode?.rawValue), ("window", settings.window.map { "\($0)" }),
            ("complaints", settings.complaints.joined(separator: "; ")), ("key", ProfileKey(container).text),
        ]
        return fields.compactMap { name, value in
            guard let value, !value.isEmpty, value != "[]" else { return nil }
            return "\(name) \(value)"
        } + ["state \(container.hasState ? "read" : "none")"]
    }
}
