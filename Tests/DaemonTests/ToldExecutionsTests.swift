// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Events
import Profiles
import Testing

@testable import Daemon

@Suite("What was told of peers")
struct ToldPeersTests {
    private func peer(_ address: String, count: UInt64, last: UInt64) throws -> PeerSnapshot {
        let address = try #require(NetworkAddress(address))
        var (key, facts) = (rf_peer_key(), rf_peer_facts())
        key.address = (address.high.bigEndian, address.low.bigEndian)
        key.kind = UInt8(RF_PEER_CONNECT)
        key.protocol = 6
        key.port = 443
        (facts.count, facts.last_ns) = (count, last)
        return try #require(PeerSnapshot(key: key, value: facts))
    }

    @Test("of a name's addresses each has the contacts that were told of it, and no other's")
    func named() throws {
        var book = IncidentBook(host: AlertHost(name: "h", machineID: "", bootID: ""))
        let moment = Moment(wall: WallTime(milliseconds: 0), bootNanoseconds: 0)
        let container = AlertContainer(
            id: "1", name: "web", image: nil, digest: nil, workload: nil, engine: "docker")
        func tell(_ name: String, at address: String?, counter: UInt64) {
            var finding = Finding(
                rule: .newDestination, item: FindingItem(.peer, name), time: moment, container: container,
                occurrences: .total(1, counter: counter))
            finding.address = address
            _ = book.add(finding, now: moment)
        }
        let name = "connect/tcp/evil.example:443"
        tell(name, at: "203.0.113.7", counter: 1)
        tell(name, at: "203.0.113.8", counter: 2)
        tell("connect/tcp/203.0.113.9:443", at: nil, counter: 3)
        book.note(counter: 2, total: 5, now: moment)
        book.note(counter: 3, total: 2, now: moment)
        let alerts = book.closeAll(now: moment)
        #expect(alerts.flatMap(\.items).first { $0.item.name == name }?.count == 6)
        let told = ToldPeers(until: 10_000_000_000, alerts: try alerts.compactMap { Alert(line: try $0.line()) })
        func count(_ address: String, in container: AlertContainer, last: UInt64 = 9_000_000_000) throws -> UInt64 {
            let peer = try peer(address, count: 8, last: last)
            return told.count(of: peer, PeerName(peer), in: container)
        }
        #expect(try count("203.0.113.7", in: container) == 1)
        #expect(try count("203.0.113.8", in: container) == 5)
        #expect(try count("203.0.113.9", in: container) == 2)
        #expect(try count("203.0.113.10", in: container) == 0 && count("203.0.113.8", in: .host) == 0)
        #expect(try count("203.0.113.7", in: container, last: 7_000_000_000) == 8, "an earlier daemon judged it")
    }
}

@Suite("What was told of executions")
struct ToldExecutionsTests {
    /// An alert for each of these.
    private func alerts(_ items: [FindingItem], container: String) -> [Alert] {
        var book = IncidentBook(host: AlertHost(name: "h", machineID: "", bootID: ""))
        let moment = Moment(wall: WallTime(milliseconds: 0), bootNanoseconds: 0)
        return items.flatMap { item in
            book.add(
                Finding(
                    rule: .newParent, item: item, time: moment,
                    container: AlertContainer(
                        id: container, name: "web", image: nil, digest: nil, workload: nil, engine: "docker")),
                now: moment)
        }
    }

    @Test("each edge and file is told once for a container, and not for another one")
    func once() {
        var told = ToldExecutions.none
        let edges = [
            ("/bin/a", "/bin/sh", "1"), ("/bin/a", "/bin/sh", "1"), ("/bin/sh", "/bin/a", "1"),
            ("/bin/a", "/bin/sh", "2"),
        ]
        let isNew = edges.map { told.note(parent: $0.0, of: $0.1, in: $0.2) }
        #expect(isNew == [true, false, true, true])
        let files = ["1", "1", "2"].map { told.note(replaced: "/bin/sh", in: $0) }
        #expect(files == [true, false, true])
    }

    @Test("of capabilities those are told that were not told before")
    func capabilities() {
        var told = ToldExecutions.none
        let names = [
            "capability/CAP_CHOWN,CAP_KILL", "capability/CAP_CHOWN,CAP_SYS_ADMIN", "capability/CAP_CHOWN,CAP_SYS_ADMIN",
            "userns/capability/CAP_CHOWN", "uid/0", "uid/0",
        ]
        let fresh = names.compactMap { CredentialName($0) }.map { told.note($0, of: "1")?.text }
        #expect(
            fresh == [
                "capability/CAP_CHOWN,CAP_KILL", "capability/CAP_SYS_ADMIN", nil, "userns/capability/CAP_CHOWN",
                "uid/0", nil,
            ])
    }

    @Test("a container is forgotten when it ends, and not because there were many")
    func forgotten() throws {
        var told = ToldExecutions.none
        let ids = (0..<5000).map(String.init)
        for id in ids { _ = told.note(replaced: "/bin/sh", in: id) }
        let again = ids.filter { told.note(replaced: "/bin/sh", in: $0) }
        #expect(again.isEmpty)
        told.forget("7")
        let afresh = ids.filter { told.note(replaced: "/bin/sh", in: $0) }
        #expect(afresh == ["7"])
        let uid = try #require(CredentialName("uid/0"))
        let session = try #require(CredentialName("session/uid/0"))
        let rights = [uid, uid, session, session].map { told.note($0, of: "1")?.text }
        #expect(rights == ["uid/0", nil, "session/uid/0", nil])
    }

    @Test("what alerts on disk tell is told, and what an earlier daemon saw was judged by it")
    func earlier() throws {
        let items = [
            FindingItem(.parent, "/bin/sh <- /bin/a"), FindingItem(.credential, "capability/CAP_CHOWN,CAP_KILL"),
            FindingItem(.replacedExecutable, "/bin/b"), FindingItem(.executable, "/bin/c"),
        ]
        var told = ToldExecutions(until: 10_000_000_000, alerts: alerts(items, container: "1"))
        let parent = told.note(parent: "/bin/a", of: "/bin/sh", in: "1")
        let files = ["/bin/b", "/bin/c"].map { told.note(replaced: $0, in: "1") }
        let rights = told.note(try #require(CredentialName("capability/CAP_KILL")), of: "1")
        #expect(!parent && files == [false, true] && rights == nil)
        #expect(told.wasJudged(7_000_000_000) && !told.wasJudged(7_000_000_001))
        #expect(!ToldExecutions.none.wasJudged(1))
    }
}
