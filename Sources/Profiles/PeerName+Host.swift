// SPDX-License-Identifier: Apache-2.0
package import Events

extension PeerName {
    /// What a profile calls the kernel's entry: by every name that its address was found by when it was contacted last, or
    /// first in this epoch, since nobody can tell which of them a contact was meant for; by the address where there was none.
    /// Sorted, and no more than `ResolvedNames.nameLimit`.
    ///
    /// - Parameter begin: when the epoch began, nanoseconds of CLOCK_BOOTTIME.
    package static func all(_ peer: PeerSnapshot, since begin: UInt64, _ names: ResolvedNames?) -> [PeerName] {
        let name = PeerName(peer)
        guard name.canHaveHost, let names else { return [name] }
        let moments = [peer.lastNanoseconds] + (peer.firstNanoseconds >= begin ? [peer.firstNanoseconds] : [])
        let hosts = Set(moments.flatMap { names.names(of: peer.address, now: $0) })
        return hosts.isEmpty ? [name] : hosts.sorted().map { name.at(host: $0) }
    }
}
