// SPDX-License-Identifier: Apache-2.0
package import Events

/// The addresses that each name of a host was contacted at, sorted. Names with more than `limit` have any: `["*"]`. What
/// comes out of a union depends on what went in alone, and not on the order.
package enum HostAddresses {
    /// More addresses of one name than this are no longer told apart.
    package static let limit = 64
    /// Stands for all.
    package static let any = "*"

    /// Both.
    static func unite(_ one: [String: [String]]?, _ other: [String: [String]]?) -> [String: [String]]? {
        guard let one, let other else { return one ?? other }
        return one.merging(other, uniquingKeysWith: unite)
    }

    /// Both lists of one name.
    package static func unite(_ one: [String], _ other: [String]) -> [String] {
        let all = Set(one).union(other)
        return all.count > limit || all.contains(any) ? [any] : all.sorted()
    }

    /// Whether a list is one that `unite` makes.
    static func isValid(_ addresses: [String]) -> Bool {
        !addresses.isEmpty && (addresses == [any] || addresses.allSatisfy { NetworkAddress($0)?.text == $0 })
            && unite(addresses, []) == addresses
    }

    /// Those of names that some entry of `peers` still has.
    static func kept(_ addresses: [String: [String]]?, for peers: [String: CallEvidence]?) -> [String: [String]]? {
        guard let addresses else { return nil }
        let hosts = Set((peers ?? [:]).keys.compactMap { PeerName($0)?.host })
        let kept = addresses.filter { hosts.contains($0.key) }
        return kept.isEmpty ? nil : kept
    }
}

extension PeerName {
    /// The name of the host, if that is where it is.
    package var host: String? { if case .host(let name) = place { name } else { nil } }

    /// The address, if that is where it is.
    package var address: NetworkAddress? { if case .address(let address) = place { address } else { nil } }
}
