// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import FoundationEssentials
import Platform

/// Where the list of containers comes from: the daemon, or the engines' own state where no daemon runs.
struct ContainerSource {
    private let address: DaemonAddress

    init(_ address: DaemonAddress) { self.address = address }

    /// All of them as the daemon's answer has them, or the one that is named with its whole posture.
    func containers(_ name: String?) throws(CommandFailure) -> JSONValue {
        do throws(CommandFailure) {
            return try address.ask(.containers, name.map { ["container": .string($0)] } ?? [:])
        } catch {
            guard error.isNoDaemon else { throw error }
            let found = try Self.found(name)
            Terminal.error.line(
                "ringfence: no daemon runs: this is what the engines' own state says; profiles, learned calls and alerts "
                    + "are not known")
            return found
        }
    }

    private static func found(_ name: String?) throws(CommandFailure) -> JSONValue {
        let hierarchy: CgroupHierarchy
        let running: [ContainerDescription]
        do throws(ContainerError) {
            hierarchy = try CgroupHierarchy.detect()
            let index = ContainerIndex(hierarchy: hierarchy)
            let listing = index.list()
            running =
                try name.map { (name) throws(ContainerError) in try ContainerIndex.match(name, in: listing) }
                ?? listing.containers.filter(\.isRunning)
            for line in listing.skipped { Terminal.error.line("ringfence: skipped \(line)") }
        } catch { throw .noInput(error.description) }
        let reader = PostureReader(hierarchy: hierarchy)
        return .array(running.map { json($0, reader.read($0), isWhole: name != nil) })
    }

    /// What the daemon would answer, without what it alone knows.
    static func json(_ container: ContainerDescription, _ posture: Posture, isWhole: Bool) -> JSONValue {
        let risk = RiskScore(posture)
        var members: [String: JSONValue] = [
            "name": .string(container.name), "id": .string(container.id),
            "engine": .string(container.engine.rawValue), "key": .string(ProfileKey(container).text),
            "command": .array(container.command.map { .string($0) }), "risk": .integer(Int64(risk.score)),
            "posture": .array(risk.parts.filter { !$0.isUnknown }.map { .string($0.item) }),
            "unknown": .array(
                PostureQuestion.allCases.filter { $0.isUnknown(posture) }.map { .string($0.rawValue) }),
        ]
        members["image"] = container.image.map { .string($0) }
        members["digest"] = container.digest.map { .string($0) }
        members["workload"] = container.workload.map { .string($0.description) }
        members["started"] = container.created.map { .string($0) }
        members["cgroup"] = container.cgroupPath.map { .string(HostileText.escaped($0)) }
        if isWhole, let bytes = try? JSONEncoder().encode(PostureReport(posture, risk: risk)) {
            members["report"] = try? JSONValue(parsing: Array(bytes))
        }
        return .object(members)
    }
}
