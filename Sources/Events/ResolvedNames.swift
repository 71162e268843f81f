// SPDX-License-Identifier: Apache-2.0

/// The names of addresses, as the resolvers of one cgroup have answered what it asked them. Bounded: what finds no room is
/// forgotten, and its address then has no name.
///
/// An answer counts if it answers a query of the same socket: same resolver, same port, same identifier, name and type, not
/// older than ten seconds, and each query once; and if the resolver is a configured one. One that came through the loopback
/// interface counts only from a loopback resolver, for whoever may open raw sockets can send itself anything there. A name
/// that is no `HostName` is not learned. An answer by itself widens nothing: it takes a contact with the address while it is
/// valid.
package struct ResolvedNames: Sendable {
    /// Where an answer must come from and go to: both ends of the query.
    package struct Exchange: Hashable, Sendable {
        package let resolver: NetworkAddress
        /// The container's own port.
        package let port: UInt16
        /// Whether packets between them came over the loopback interface.
        package let isLoopback: Bool

        package init(resolver: NetworkAddress, port: UInt16, isLoopback: Bool) {
            self.resolver = resolver
            self.port = port
            self.isLoopback = isLoopback
        }
    }

    private struct Query: Hashable {
        let exchange: Exchange
        let identifier: UInt16
        let question: DNSMessage.Question
    }

    private struct Entry {
        let name: String
        /// When it was answered first and last, and until when that is good; nanoseconds of CLOCK_BOOTTIME.
        let start: UInt64
        var last: UInt64
        var end: UInt64

        func isValid(_ now: UInt64) -> Bool { start <= now && now < end }
    }

    /// How long a query waits for its answer, nanoseconds.
    package static let patience: UInt64 = 10_000_000_000
    /// Open queries; addresses; names of one address: who shares servers has many.
    package static let queryLimit = 512
    package static let addressLimit = 1024
    package static let nameLimit = 8
    /// An answer is good for an hour at least, since programs keep addresses longer than they may, and for a day at most.
    package static let validity: ClosedRange<UInt64> = 3_600_000_000_000...86_400_000_000_000

    private var queries: [Query: UInt64] = [:]
    private var names: [NetworkAddress: [Entry]] = [:]
    private var nameCount = 0
    /// Queries and names that found no room, or had to make it.
    package private(set) var lost = 0

    /// No names, and no queries.
    package init() {}

    /// What its room is counted in: names, once for each address that they have, and queries that wait.
    package var size: Int { nameCount + queries.count }

    /// How many queries wait for their answer, and how many addresses have a name.
    package var counts: (queries: Int, addresses: Int) { (queries.count, names.count) }

    /// Takes a query that the container sent.
    ///
    /// - Parameters:
    ///   - isTrusted: whether the container is configured with the resolver; another one's answers say nothing.
    ///   - now: nanoseconds of CLOCK_BOOTTIME.
    package mutating func asked(_ query: DNSMessage, _ exchange: Exchange, isTrusted: Bool, now: UInt64) {
        guard isTrusted, !query.isAnswer, Self.isPlausible(exchange),
            query.question.type == DNSMessage.ipv4 || query.question.type == DNSMessage.ipv6
        else { return }
        if queries.count >= Self.queryLimit { queries = queries.filter { $0.value > now } }
        guard queries.count < Self.queryLimit else {
            lost += 1
            return
        }
        let key = Query(exchange: exchange, identifier: query.identifier, question: query.question)
        queries[key] = now + Self.patience
    }

    /// Takes an answer that the container received; whether it answers a query that was waiting.
    package mutating func answered(_ answer: DNSMessage, _ exchange: Exchange, now: UInt64) -> Bool {
        let key = Query(exchange: exchange, identifier: answer.identifier, question: answer.question)
        guard answer.isAnswer, let end = queries.removeValue(forKey: key), end > now else { return false }
        for address in answer.addresses { learn(address, answer.question.name, now) }
        return true
    }

    /// The names that led to an address and were valid at a time, the one that was answered last before it first.
    package func names(of address: NetworkAddress, now: UInt64) -> [String] {
        (names[address] ?? []).filter { $0.isValid(now) }.sorted {
            let (left, right) = (min($0.last, now), min($1.last, now))
            return left != right ? left > right : $0.name < $1.name
        }.map(\.name)
    }

    private mutating func learn(_ address: DNSMessage.Address, _ name: String, _ now: UInt64) {
        let seconds = UInt64(address.seconds) * 1_000_000_000
        let end = now + min(max(seconds, Self.validity.lowerBound), Self.validity.upperBound)
        guard HostName.isPlain(name) else { return }
        var known = names[address.address] ?? []
        let before = known.count
        if let place = known.firstIndex(where: { $0.name == name }) {
            known[place].last = now
            known[place].end = max(known[place].end, end)
        } else {
            if names[address.address] == nil, names.count >= Self.addressLimit {
                names = names.filter { $0.value.contains { $0.end > now } }
                nameCount = names.values.reduce(0) { $0 + $1.count }
            }
            // What is over is forgotten only where room is needed: contacts are given their names later.
            if known.count >= Self.nameLimit { known = known.filter { $0.end > now } }
            guard known.count < Self.nameLimit, names[address.address] != nil || names.count < Self.addressLimit else {
                lost += 1
                return
            }
            known.append(Entry(name: name, start: now, last: now, end: end))
        }
        names[address.address] = known
        nameCount += known.count - before
    }

    /// Makes room for others: forgets the older half, by when names were answered last and queries were asked.
    package mutating func forgetOldest() {
        let times = (names.values.joined().map(\.last) + queries.values.map { $0 - Self.patience }).sorted()
        guard !times.isEmpty else { return }
        let limit = times[(times.count - 1) / 2]
        let before = size
        queries = queries.filter { $0.value - Self.patience > limit }
        names = names.compactMapValues { entries in
            let kept = entries.filter { $0.last > limit }
            return kept.isEmpty ? nil : kept
        }
        nameCount = names.values.reduce(0) { $0 + $1.count }
        lost += before - size
    }

    /// Whoever may open raw sockets can send itself a packet with any source over loopback.
    private static func isPlausible(_ exchange: Exchange) -> Bool {
        !exchange.isLoopback || exchange.resolver.isLoopback
    }
}
