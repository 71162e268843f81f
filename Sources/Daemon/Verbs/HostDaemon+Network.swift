// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import Events
import FoundationEssentials
import Platform
import Profiles
import Recorder
import Sensor

extension HostDaemon {
    /// Who talks to whom: the peers, listeners and unix sockets of every container, or of the one that is asked for.
    func network(_ request: ControlRequest) throws(ControlFailure) -> JSONValue {
        var shown = watch.inventory.containers.values.sorted {
            ($0.description.name, $0.path) < ($1.description.name, $1.path)
        }
        if let wanted = request.arguments["container"]?.text, !wanted.isEmpty { shown = [try container(wanted)] }
        let view = NetworkView(
            sensor.watchesPeers ? sensor.peers() : [],
            AddressBook(watch.inventory.containers.values, watch.inventory.hierarchy),
            executable: { [sensor] in sensor.sub(at: $0)?.executableName },
            hosts: { [sensor, names] peer in
                names.hosts(
                    sensor.cgroup(ofSlot: peer.slot), peer.address, at: [peer.lastNanoseconds, peer.firstNanoseconds])
            })
        let now = BootClock.nanoseconds
        let value: JSONValue = [
            "schema": "ringfence.network/v1", "network": networkStanding,
            "containers": .array(
                shown.map { container in
                    let slots = container.slots.map { sensor.peerCounts(ofSlot: $0) }
                    return view.json(
                        container, state: state(of: container),
                        watch.tables.state(of: container.key, now: now).compiled.peers,
                        watch.keeper.profiles[container.key], lost: slots.reduce(0) { $0 + $1.lost })
                }),
        ]
        return value
    }

    /// The running container of a name, of an id, or of the beginning of one.
    func container(_ wanted: String) throws(ControlFailure) -> TrackedContainer {
        let found = watch.inventory.containers.values.filter {
            $0.description.name == wanted || $0.description.id == wanted
                || (wanted.count >= 4 && $0.description.id.hasPrefix(wanted))
        }
        guard let container = found.first else {
            throw ControlFailure(
                "no running container is called \(HostileText.escaped(wanted))",
                remedy: "see `ringfence containers`", exitCode: 69)
        }
        guard found.count == 1 else {
            throw ControlFailure(
                "\(found.count) containers are called \(HostileText.escaped(wanted))", remedy: "give the whole id",
                exitCode: 64)
        }
        return container
    }
}
