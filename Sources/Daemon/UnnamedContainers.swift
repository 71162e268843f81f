// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import Events
import Platform
import Profiles
import Sensor

/// Stands in for a container that nobody could name in time: it is told under the id in its cgroup's path.
struct UnnamedContainers: Sendable {
    private let scope: ContainerScope
    private let own: String?

    init(scope: ContainerScope, own: String?) {
        self.scope = scope
        self.own = own
    }

    /// What to tell a record under; nil if its cgroup is not in scope.
    func entry(for record: Record, _ sensor: Sensor) -> WatchBoard.Entry? {
        guard let slot = record.slot, let snapshot = sensor.slot(at: slot), snapshot.cgroupID == record.cgroupID else {
            return nil
        }
        let path = snapshot.path
        let standing = scope.standing(of: path, container: nil, own: own)
        guard standing.isInScope else { return nil }
        let parsed = CgroupPath(path)
        let id = HostileText.escaped(parsed?.id ?? standing.path)
        return WatchBoard.Entry(
            container: AlertContainer(id: id, name: id, engine: parsed?.engine.rawValue),
            standing: ProfileStanding(key: id, state: .learning), maturity: 0, executables: [], abis: [], probes: [],
            start: 0, isWatched: true)
    }
}
