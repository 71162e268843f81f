// SPDX-License-Identifier: Apache-2.0
package import Events

extension PeerName {
    /// What a profile calls the kernel's entry: by the name that its address was found by when it was contacted last, else
    /// first in this epoch; by the address where there was none.
    ///
    /// - Parameter begin: when the epoch began, nanoseconds of CLOCK_BOOTTIME.
    package init(_ peer: PeerSnapshot, since begin: UInt64, _ names: ResolvedNames?) {
        let name = PeerName(peer)
        guard name.canHaveHost, let names else {
            self = name
            return
        }
        let moments = [peer.lastNanoseconds] + (peer.firstNanoseconds >= begin ? [peer.firstNanoseconds] : [])
        let host = moments.lazy.compactMap { names.names(of: peer.address, now: $0).first }.first
        self = host.map { name.at(host: $0) } ?? name
    }
}
