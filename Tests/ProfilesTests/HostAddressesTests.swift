// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import TestSupport
import Testing

private let now = Date(timeIntervalSince1970: 1_767_225_600)

@Suite("Names of hosts in a profile")
struct HostAddressesTests {
    private func profile(_ names: [String], _ addresses: [String: [String]]? = nil) -> BehaviourProfile {
        var profile = smallProfile()
        let evidence = CallEvidence(phases: ["workload": PhaseEvidence(first: now, last: now, executables: ["/a": 0])])
        profile.peers = Dictionary(uniqueKeysWithValues: names.map { ($0, evidence) })
        profile.addresses = addresses
        return profile
    }

    private func judge(
        _ profile: BehaviourProfile, _ text: String, _ hosts: String...
    ) throws -> PeerMatcher.Judgement {
        CompiledPolicy(profile, allows: AllowLayer(), now: now).peers
            .judge(try #require(PeerName(text)), hosts: hosts)
    }

    private let api = "connect/tcp/api.example.com:443"

    @Test(
        "a known name is expected at the addresses it had, asked for or not; another is news of it; another port is not"
    )
    func matching() throws {
        let known = profile([api], ["api.example.com": ["203.0.113.7"]])
        #expect(try judge(known, "connect/tcp/203.0.113.7:443", "api.example.com") == .expected)
        #expect(try judge(known, "connect/tcp/203.0.113.7:443") == .expected)
        #expect(
            try judge(known, "connect/tcp/203.0.113.8:443", "api.example.com") == .newAddress(of: "api.example.com"))
        #expect(try judge(known, "connect/tcp/203.0.113.8:443") == .unexpected)
        #expect(try judge(known, "connect/tcp/203.0.113.8:443", "evil.example") == .unexpected)
        #expect(try judge(known, "connect/tcp/203.0.113.7:80", "api.example.com") == .unexpected)
        #expect(try judge(known, "send/udp/203.0.113.7:443", "api.example.com") == .unexpected)
        let many = profile([api], ["api.example.com": ["*"]])
        #expect(try judge(many, "connect/tcp/203.0.113.8:443", "api.example.com") == .expected)
        #expect(try judge(many, "connect/tcp/203.0.113.8:443") == .unexpected)
        let any = profile([api, "connect/tcp/*:443"], ["api.example.com": ["203.0.113.7"]])
        #expect(try judge(any, "connect/tcp/203.0.113.8:443", "api.example.com") == .expected)
    }

    @Test("no name makes the metadata service expected, nor an address or a name that was rejected")
    func limits() throws {
        let decider = Review.Decider(author: "ann", reason: "known", date: now)
        let known = profile([api], ["api.example.com": ["169.254.169.254", "203.0.113.7"]])
        #expect(try judge(known, "connect/tcp/169.254.169.254:443", "api.example.com") == .unexpected)
        let refused = try Review.hold("peers/connect/tcp/203.0.113.7:443", in: known, by: decider)
        #expect(try judge(refused, "connect/tcp/203.0.113.7:443", "api.example.com") == .unexpected)
        let rejected = try Review.reject("peers/\(api)", in: known, by: decider)
        #expect(rejected.peers?.isEmpty == true && rejected.addresses == nil)
        #expect(try judge(rejected, "connect/tcp/203.0.113.7:443", "api.example.com") == .unexpected)
        let again = try ProfileMerge.merge(known, into: rejected).merged
        #expect(again.peers?.isEmpty == true && again.addresses == nil)
        let accepted = try Review.accept("peers/connect/tcp/db:5432", in: known, by: decider)
        #expect(try judge(accepted, "connect/tcp/10.0.0.7:5432", "db") == .expected, "no address was seen")
    }

    @Test("more than 64 addresses of a name are any, however they come together", arguments: 1...50)
    func many(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        func some() -> [String] {
            HostAddresses.unite((0..<Int(random.next() % 50)).map { _ in "192.0.2.\(random.next() % 120)" }, [])
        }
        let (one, two, three) = (some(), some(), some())
        let left = HostAddresses.unite(HostAddresses.unite(one, two), three)
        #expect(left == HostAddresses.unite(one, HostAddresses.unite(three, two)))
        #expect(HostAddresses.unite(left, left) == left && HostAddresses.unite(left, one) == left)
        #expect(left == ["*"] || left.count <= HostAddresses.limit)
    }

    @Test("more than 64 names of a port are any address of it, and their addresses go")
    func names() throws {
        let names = (0..<65).map { "n\($0).example.com" }
        func part(_ range: Range<Int>) -> BehaviourProfile {
            profile(
                names[range].map { "connect/tcp/\($0):443" },
                Dictionary(uniqueKeysWithValues: names[range].map { ($0, ["192.0.2.1"]) }))
        }
        let few = try ProfileMerge.merge(part(0..<40), into: part(24..<64)).merged
        #expect(few.peers?.count == 64 && few.addresses?.count == 64)
        let all = try ProfileMerge.merge(part(64..<65), into: few).merged
        #expect(all.peers?.keys.sorted() == ["connect/tcp/*:443"] && all.addresses == nil)
        #expect(try ProfileStore.decode(ProfileStore.encode(few), from: "few") == few)
    }

    @Test("an address that a known name had is that name's, not a new entry")
    func learning() throws {
        let rule = LearningRule(windowSeconds: 3600, epochSeconds: 1, warmUpEpochs: 0)
        var learned = Learner.begin(like: profile([]), rule: rule, now: now)
        for observation in [
            profile([api], ["api.example.com": ["203.0.113.7"]]), profile(["connect/tcp/203.0.113.7:443"]),
            profile([api], ["api.example.com": ["203.0.113.8"]]),
        ] {
            _ = try Learner.observe(
                observation, epoch: LearningEpoch(instance: "a"), into: &learned, rule: rule, now: now)
        }
        #expect(learned.peers?.keys.sorted() == [api] && learned.peers?[api]?.phases["workload"]?.runs == 3)
        #expect(learned.addresses == ["api.example.com": ["203.0.113.7", "203.0.113.8"]])
    }

    @Test("a file with names or addresses that nobody makes is refused")
    func files() throws {
        for addresses in [
            ["a/b": ["192.0.2.1"]], ["db": []], ["db": ["192.0.2.2", "192.0.2.1"]], ["db": ["x"]],
            ["db": ["*", "192.0.2.1"]], ["1.2.3.4": ["192.0.2.1"]],
        ] {
            var text = String(decoding: try ProfileStore.encode(profile(["connect/tcp/db:443"])), as: UTF8.self)
            let list = addresses.map { "\"\($0)\":[\($1.map { "\"\($0)\"" }.joined(separator: ","))]" }
            text = "{\"addresses\":{\(list.joined())}," + text.dropFirst()
            #expect(throws: ProfileError.self) { try ProfileStore.decode(Array(text.utf8), from: "damaged") }
        }
    }
}
