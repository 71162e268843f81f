// SPDX-License-Identifier: Apache-2.0
import Containers
import Events

/// Whose addresses are, among the containers that are watched and the machine itself, when it was made. Control thread.
struct AddressBook {
    private let hosts: Set<NetworkAddress>
    private let owners: [NetworkAddress: [TrackedContainer]]
    /// By the path of each container's cgroup; not the machine's own, that a container without a namespace of its own has.
    private let addresses: [String: [NetworkAddress]]

    /// The most containers that are looked at: each costs three files of /proc.
    static let limit = 1024

    /// Looks at the first process of each container.
    init(_ containers: some Sequence<TrackedContainer>, _ hierarchy: CgroupHierarchy) {
        hosts = NamespaceAddresses.of(process: 1)
        var owners: [NetworkAddress: [TrackedContainer]] = [:]
        var addresses: [String: [NetworkAddress]] = [:]
        for container in containers.prefix(Self.limit) {
            guard let pid = Self.process(in: container.path, hierarchy) else { continue }
            let own = NamespaceAddresses.of(process: pid).subtracting(hosts)
            // Its number may have been given to another process while it was looked at.
            guard (try? hierarchy.cgroup(ofProcess: pid))?.hasPrefix(container.path) == true else { continue }
            addresses[container.path] = own.sorted()
            for address in own { owners[address, default: []].append(container) }
        }
        self.owners = owners
        self.addresses = addresses
    }

    /// Who has this address: more than one where containers share a namespace, or claim the same; none if it is not known.
    func owners(of address: NetworkAddress) -> [TrackedContainer] { owners[address] ?? [] }

    /// Whether it is the machine's own, and so of all who are in its namespace.
    func isHost(_ address: NetworkAddress) -> Bool { hosts.contains(address) }

    /// The addresses that only this container, and who shares its namespace, has.
    func addresses(of container: TrackedContainer) -> [NetworkAddress] { addresses[container.path] ?? [] }

    /// The oldest process of a container that is found with little effort: a container that makes cgroups has it below.
    private static func process(in path: String, _ hierarchy: CgroupHierarchy) -> Int32? {
        if let first = (try? hierarchy.processes(in: path))?.first { return first }
        return hierarchy.descendants(of: path).lazy.compactMap { (try? hierarchy.processes(in: $0))?.first }.first
    }
}
