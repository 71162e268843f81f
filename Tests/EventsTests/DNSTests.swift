// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("Names of addresses")
struct DNSTests {
    /// Builds messages byte by byte.
    private struct Builder {
        var bytes: [UInt8] = []

        init(_ identifier: UInt16 = 7, flags: UInt16 = 0x8180, questions: UInt16 = 1, answers: UInt16 = 0) {
            for number in [identifier, flags, questions, answers, 0, 0] { add(number) }
        }

        mutating func add(_ number: UInt16) { bytes += [UInt8(number >> 8), UInt8(number & 0xff)] }

        mutating func add(name: String) {
            for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
            bytes.append(0)
        }

        mutating func ask(_ name: String, type: UInt16 = 1) {
            add(name: name)
            add(type)
            add(1)
        }

        /// `owner` is a name as it is written, often a pointer.
        mutating func answer(_ owner: [UInt8], type: UInt16 = 1, seconds: UInt16 = 300, _ data: [UInt8]) {
            bytes += owner
            for number in [type, 1, 0, seconds, UInt16(data.count)] { add(number) }
            bytes += data
        }
    }

    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private static let pointer: [UInt8] = [0xC0, 12]

    /// `API.example.com` is an alias of `edge.example.com`, which has two addresses.
    private static let aliased: [UInt8] = {
        var message = Builder(answers: 4)
        message.ask("API.example.com")
        // "example.com" begins behind "API".
        message.answer(pointer, type: 5, [4] + Array("edge".utf8) + [0xC0, 16])
        let target = message.bytes.count - 7
        let edge: [UInt8] = [0xC0, UInt8(target)]
        message.answer(edge, seconds: 30, [203, 0, 113, 7])
        message.answer(edge, seconds: 30, [203, 0, 113, 8])
        message.answer([3] + Array("bad".utf8) + [0], [192, 0, 2, 66])
        return message.bytes
    }()

    @Test("an answer tells the addresses that its name leads to, over aliases, and none of other names")
    func answer() throws {
        let message = try DNSMessage(Self.aliased)
        #expect(message.identifier == 7 && message.isAnswer)
        #expect(message.question == DNSMessage.Question(name: "api.example.com", type: DNSMessage.ipv4))
        #expect(message.addresses.map(\.address.text) == ["203.0.113.7", "203.0.113.8"])
        #expect(message.addresses.allSatisfy { $0.seconds == 30 })
        var six = Builder(answers: 2)
        six.ask("a.example", type: 28)
        six.answer(Self.pointer, type: 28, [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1])
        six.answer(Self.pointer, type: 1, [192, 0, 2, 1])
        #expect(try DNSMessage(six.bytes).addresses.map(\.address.text) == ["2001:db8::1"])
        var query = Builder(flags: 0x0100)
        query.ask("a.example")
        #expect(try !DNSMessage(query.bytes).isAnswer && DNSMessage(query.bytes).addresses.isEmpty)
    }

    @Test("of a message that was cut the whole records count; without that word it is none")
    func cut() throws {
        var counts: [Int] = []
        for length in 12..<Self.aliased.count {
            let part = Array(Self.aliased[..<length])
            #expect(throws: DNSMessage.Flaw.self) { try DNSMessage(part) }
            guard let message = try? DNSMessage(part, isCut: true) else { continue }
            #expect(message.addresses.allSatisfy { ["203.0.113.7", "203.0.113.8"].contains($0.address.text) })
            counts.append(message.addresses.count)
        }
        #expect(counts == counts.sorted() && Set(counts) == [0, 1, 2])
    }

    @Test("distinct names stay distinct and are safe to print, whatever bytes they have")
    func names() throws {
        func name(_ label: [UInt8]) throws -> String {
            var message = Builder(flags: 0)
            message.bytes += [UInt8(label.count)] + label + [0, 0, 1, 0, 1]
            return try DNSMessage(message.bytes).question.name
        }
        #expect(try name(Array("a.b".utf8)) == #"a\x2eb"# && name([0x1b, 0x0a]) == #"\x1b\x0a"#)
        #expect(try name(Array(#"\x2e"#.utf8)) == #"\x5cx2e"# && name([0xff, 0x00]) == #"\xff\x00"#)
        let all = try (0...255).map { try name([UInt8($0)]) }
        // A letter is the same in both cases.
        #expect(Set(all).count == 256 - 26 && all.allSatisfy { $0.utf8.allSatisfy { (0x21...0x7e).contains($0) } })
    }

    @Test("what is no answer says nothing: refused, cut, several questions, aliases in a circle, pointers that lead on")
    func flaws() throws {
        for flags: UInt16 in [0x8183, 0x8185, 0x8380] {
            var bytes = Self.aliased
            (bytes[2], bytes[3]) = (UInt8(flags >> 8), UInt8(flags & 0xff))
            #expect(try DNSMessage(bytes).addresses.isEmpty)
        }
        for end in 0..<Self.aliased.count {
            #expect(throws: DNSMessage.Flaw.self) { try DNSMessage(Array(Self.aliased[..<end])) }
        }
        var circle = Builder(answers: 3)
        circle.ask("a")
        circle.answer([1, 0x61, 0], type: 5, [1, 0x62, 0])
        circle.answer([1, 0x62, 0], type: 5, [1, 0x61, 0])
        circle.answer([1, 0x62, 0], [192, 0, 2, 1])
        #expect(try DNSMessage(circle.bytes).addresses.map(\.address.text) == ["192.0.2.1"])
        func flaw(_ name: [UInt8]) -> DNSMessage.Flaw? {
            do throws(DNSMessage.Flaw) {
                _ = try DNSMessage(Builder().bytes + name + [0, 1, 0, 1])
                return nil
            } catch { return error }
        }
        #expect(flaw([0xC0, 12]) == .name && flaw([0xC0, 14, 0]) == .name && flaw([0x40]) == .name)
        #expect(flaw([1, 0x61, 0xC0, 12]) == .name)
        #expect(flaw((0..<5).flatMap { _ in [63] + [UInt8](repeating: 0x61, count: 63) } + [0]) == .name)
        #expect(throws: DNSMessage.Flaw.question) { try DNSMessage(Builder(questions: 2).bytes + [0, 0, 1, 0, 1]) }
        #expect(throws: DNSMessage.Flaw.length) { try DNSMessage([UInt8](repeating: 0, count: DNSMessage.limit + 1)) }
        var short = Builder(answers: 1)
        short.ask("a")
        short.answer(Self.pointer, [192, 0, 2, 1, 5])
        #expect(throws: DNSMessage.Flaw.record) { try DNSMessage(short.bytes) }
    }

    @Test("damaged and random messages end in a flaw or in something within every bound")
    func fuzz() {
        var random = Random(state: 20_261_121)
        var read = 0
        for round in 0..<20_000 {
            var bytes = Self.aliased
            if round.isMultiple(of: 3) {
                bytes = (0..<Int.random(in: 0...600, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                // Such that its names are looked at.
                if bytes.count > 12 { bytes.replaceSubrange(2..<8, with: [0x81, 0x80, 0, 1, 0xff, 0xff]) }
            } else {
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
            }
            guard let message = try? DNSMessage(bytes) else { continue }
            read += 1
            let isBounded =
                message.addresses.count <= DNSMessage.addressLimit && message.question.name.utf8.count <= 4 * 255
                && message.question.name.utf8.allSatisfy { (0x21...0x7e).contains($0) }
            #expect(isBounded, "\(bytes)")
        }
        #expect(read > 1000)
    }

    @Test("an answer counts if it answers a query of a learned resolver: same place, once, in time")
    func exchange() throws {
        let resolver = try #require(NetworkAddress("192.0.2.53"))
        let place = ResolvedNames.Exchange(resolver: resolver, port: 40_000, isLoopback: false)
        let address = try #require(NetworkAddress("203.0.113.7"))
        var question = Builder(flags: 0x0100)
        question.ask("api.EXAMPLE.com")
        let query = try DNSMessage(question.bytes)
        let answer = try DNSMessage(Self.aliased)
        func learned(
            trusted: Bool = true, from: ResolvedNames.Exchange? = nil, after wait: UInt64 = 1, asked: Bool = true
        ) -> [String] {
            var names = ResolvedNames()
            if asked { names.asked(query, place, isTrusted: trusted, now: 100) }
            _ = names.answered(answer, from ?? place, now: 100 + wait)
            return names.names(of: address, now: 101 + wait)
        }
        #expect(learned() == ["api.example.com"])
        #expect(learned(trusted: false).isEmpty && learned(asked: false).isEmpty)
        #expect(learned(after: ResolvedNames.patience).isEmpty)
        for other in [
            ResolvedNames.Exchange(resolver: address, port: 40_000, isLoopback: false),
            ResolvedNames.Exchange(resolver: resolver, port: 40_001, isLoopback: false),
            ResolvedNames.Exchange(resolver: resolver, port: 40_000, isLoopback: true),
        ] { #expect(learned(from: other).isEmpty) }
        var names = ResolvedNames()
        names.asked(query, place, isTrusted: true, now: 0)
        let (first, second) = (names.answered(answer, place, now: 1), names.answered(answer, place, now: 2))
        #expect(first && !second)
        // Thirty seconds are kept for an hour.
        #expect(names.names(of: address, now: 3_600_000_000_000) == ["api.example.com"])
        #expect(names.names(of: address, now: 3_600_000_000_002).isEmpty)
        #expect(names.names(of: address, now: 0).isEmpty, "not before it was answered")
        // Over loopback only a loopback resolver is believed.
        var inside = ResolvedNames()
        let forged = ResolvedNames.Exchange(resolver: resolver, port: 40_000, isLoopback: true)
        inside.asked(query, forged, isTrusted: true, now: 0)
        let isBelieved = inside.answered(answer, forged, now: 1)
        #expect(!isBelieved)
    }

    @Test("a flood of queries and answers takes no more room than there is, and is counted")
    func bounds() throws {
        let place = ResolvedNames.Exchange(
            resolver: try #require(NetworkAddress("192.0.2.53")), port: 40_000, isLoopback: false)
        var names = ResolvedNames()
        for number in 0..<10_000 {
            var question = Builder(UInt16(number & 0xffff), flags: 0x0100)
            question.ask("n\(number).example")
            let query = try DNSMessage(question.bytes)
            names.asked(query, place, isTrusted: true, now: 1)
            // Every second one is answered, with an address of its own.
            guard number.isMultiple(of: 2) else { continue }
            var answer = Builder(UInt16(number & 0xffff), answers: 1)
            answer.ask("n\(number).example")
            answer.answer(Self.pointer, [10, 0, UInt8(number >> 8 & 0xff), UInt8(number & 0xff)])
            _ = names.answered(try DNSMessage(answer.bytes), place, now: 2)
        }
        #expect(names.counts.queries <= ResolvedNames.queryLimit && names.lost > 0)
        #expect(names.counts.addresses <= ResolvedNames.addressLimit)
        // What is over makes room again.
        var question = Builder(flags: 0x0100)
        question.ask("api.example.com")
        names.asked(try DNSMessage(question.bytes), place, isTrusted: true, now: 1 + ResolvedNames.patience)
        let isAnswered = names.answered(try DNSMessage(Self.aliased), place, now: 2 + ResolvedNames.patience)
        #expect(isAnswered)
    }
}
