// SPDX-License-Identifier: Apache-2.0

/// One query or answer of the domain name system over UDP (RFC 1035), as far as names of addresses need it.
///
/// The bytes come from the network and from containers: whatever they are, reading them ends, takes time in proportion to
/// their number, and throws or tells what they say. `ResolvedNames` says which answers count.
package struct DNSMessage: Equatable, Sendable {
    /// What somebody asks for.
    package struct Question: Hashable, Sendable {
        /// Lower case, without the last dot; see `text`.
        package let name: String
        /// `TYPE` of RFC 1035: 1 is an IPv4 address, 28 an IPv6 address (RFC 3596).
        package let type: UInt16

        package init(name: String, type: UInt16) {
            self.name = name
            self.type = type
        }
    }

    /// One address of an answer.
    package struct Address: Hashable, Sendable {
        package let address: NetworkAddress
        /// For how many seconds it may be kept.
        package let seconds: UInt32
    }

    /// Why bytes are no message that says anything here.
    package enum Flaw: Error, Equatable, Sendable {
        /// More than `limit` bytes, or it ends before it should.
        case length
        /// Not an ordinary query (opcode 0) with one question of class IN.
        case question
        /// A name that is too long, does not end, or points where it may not.
        case name
        /// Record data that is not of its type.
        case record
    }

    /// The most bytes that are looked at, records that are read, and addresses that are kept. Resolvers send 1232 bytes at
    /// most over UDP unless they are asked for more (RFC 9715).
    package static let limit = 4096
    package static let recordLimit = 256
    package static let addressLimit = 64
    /// How many aliases (CNAME) lead from a name to its addresses.
    package static let aliasLimit = 16

    package let identifier: UInt16
    package let isAnswer: Bool
    package let question: Question
    /// Of an answer: the addresses of the asked type that the asked name leads to, over aliases; empty if there are none or the
    /// resolver says no.
    package let addresses: [Address]

    package static let ipv4: UInt16 = 1
    package static let ipv6: UInt16 = 28
    private static let alias: UInt16 = 5
    private static let internet: UInt16 = 1

    /// Reads the payload of one packet, or, if it `isCut`, the first bytes of one: then the addresses are those of the whole
    /// records.
    package init(_ bytes: [UInt8], isCut: Bool = false) throws(Flaw) {
        guard bytes.count <= Self.limit else { throw .length }
        var reader = DNSReader(bytes)
        identifier = try reader.number16()
        let flags = try reader.number16()
        isAnswer = flags & 0x8000 != 0
        let questions = try reader.number16()
        let answers = try reader.number16()
        _ = try reader.number16()
        _ = try reader.number16()
        guard flags & 0x7800 == 0, questions == 1 else { throw .question }
        question = Question(name: try reader.name(), type: try reader.number16())
        guard try reader.number16() == Self.internet else { throw .question }
        // Whoever gets a part asks again over TCP, and what the resolver refuses has no address.
        let isWhole = flags & 0x020F == 0
        addresses = isAnswer && isWhole ? try Self.addresses(of: question, answers, &reader, isCut) : []
    }

    private static func addresses(
        of question: Question, _ answers: UInt16, _ reader: inout DNSReader, _ isCut: Bool
    ) throws(Flaw) -> [Address] {
        var aliases: [String: String] = [:]
        var found: [(owner: String, address: Address)] = []
        for _ in 0..<min(Int(answers), recordLimit) {
            if isCut, !reader.hasRecord { break }
            let owner = try reader.name()
            let type = try reader.number16()
            let isInternet = try reader.number16() == internet
            let seconds = try reader.number32()
            let length = try reader.number16()
            let end = try reader.end(after: length)
            switch type {
            case alias where isInternet:
                let target = try reader.name()
                // Two aliases of one name are a fault: the first counts.
                if aliases[owner] == nil { aliases[owner] = target }
            case ipv4 where isInternet && type == question.type:
                let low = try reader.number32()
                found.append((owner, Address(address: NetworkAddress(ipv4: low), seconds: seconds)))
            case ipv6 where isInternet && type == question.type:
                let address = NetworkAddress(high: try reader.number64(), low: try reader.number64())
                found.append((owner, Address(address: address, seconds: seconds)))
            default: reader.skip(to: end)
            }
            guard reader.position == end else { throw .record }
        }
        var names: Set<String> = [question.name]
        var last = question.name
        while let next = aliases[last], names.count <= aliasLimit, names.insert(next).inserted { last = next }
        var kept: [Address] = []
        for (owner, address) in found where names.contains(owner) && kept.count < addressLimit {
            if !kept.contains(where: { $0.address == address.address }) { kept.append(address) }
        }
        return kept
    }
}
