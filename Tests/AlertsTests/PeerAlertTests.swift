// SPDX-License-Identifier: Apache-2.0
import Alerts
import Testing

@Suite("Alerts about network peers")
struct PeerAlertTests {
    private func contact(
        _ name: String, _ rule: AlertRule = .newDestination, at seconds: Double = 0,
        _ occurrences: Finding.Occurrences = .more(1)
    ) -> Finding {
        var finding = call("connect", at: seconds)
        finding.rule = rule
        finding.item = FindingItem(.peer, name)
        finding.arguments = []
        finding.occurrences = occurrences
        return finding
    }

    @Test(
        "what happened is said in words",
        arguments: [
            ("connect/tcp/203.0.113.7:443", "connected to 203.0.113.7:443 (tcp)"),
            ("connect/tcp/[2001:db8::1]:443", "connected to [2001:db8::1]:443 (tcp)"),
            ("send/udp/192.0.2.53:53", "sent to 192.0.2.53:53 (udp)"),
            ("listen/tcp/*:80", "listens at port 80 that others can reach (tcp)"),
            ("listen/tcp/loopback:6379", "listens at port 6379 on loopback (tcp)"),
            ("listen/udp/*:any", "listens at a port of the kernel's choice that others can reach (udp)"),
            ("unix//run/docker.sock", "connected to the unix socket /run/docker.sock"),
            ("unix/@x/y:1", "connected to the unix socket @x/y:1"), ("odd", "used odd"),
        ])
    func words(name: String, what: String) throws {
        var book = IncidentBook(host: host)
        let alert = try #require(book.add(contact(name), now: at(0)).first)
        #expect(alert.what.hasSuffix(") " + what), "\(alert.what)")
        #expect(try Alert(line: alert.line()) == alert)
    }

    @Test("a peer is allowed by its entry, a session's by none, and entries are read back")
    func entries() {
        let peer = FindingItem(.peer, "connect/tcp/203.0.113.7:443")
        #expect(peer.profileEntry == "peers/connect/tcp/203.0.113.7:443")
        #expect(FindingItem(profileEntry: "peers/connect/tcp/203.0.113.7:443") == peer)
        #expect(FindingItem(profileEntry: "peers/unix//run/docker.sock") == FindingItem(.peer, "unix//run/docker.sock"))
        #expect(FindingItem(.sessionPeer, "connect/tcp/203.0.113.7:443").profileEntry == nil)
        #expect(
            AttackTechnique(rule: .newDestination, item: FindingItem(.peer, "connect/tcp/[fd00:ec2::254]:80"))?.id
                == "T1552.005")
    }

    @Test("what is told only with others opens nothing, and joins the incident of its process tree")
    func related() throws {
        var book = IncidentBook(host: host)
        #expect(book.addRelated(contact("connect/tcp/203.0.113.7:443"), now: at(0)).isEmpty && book.count == 0)
        #expect(book.add(contact("listen/tcp/*:80", .newListener), now: at(0)).count == 1)
        _ = book.addRelated(contact("connect/tcp/203.0.113.7:443", at: 1), now: at(1))
        let alert = try #require(book.closeAll(now: at(2)).first)
        #expect(alert.items.map(\.item.name) == ["listen/tcp/*:80", "connect/tcp/203.0.113.7:443"])
        #expect(alert.rule == .newListener)
    }

    @Test("a counter's item is open as long as its incident, and is told anew after that")
    func counters() {
        var book = IncidentBook(host: host)
        #expect(!book.isOpen(counter: 7))
        _ = book.add(contact("connect/tcp/203.0.113.7:443", .newDestination, at: 0, .total(1, counter: 7)), now: at(0))
        #expect(book.isOpen(counter: 7))
        for seconds in [60.0, 601, 1300] { _ = book.service(now: at(seconds)) }
        #expect(!book.isOpen(counter: 7) && book.knows(counter: 7) && book.count == 0)
        let again = contact("connect/tcp/203.0.113.7:443", .newDestination, at: 1400, .total(3, counter: 7))
        #expect(book.add(again, now: at(1400)).map(\.count) == [2])
    }

    @Test("an engine's socket is critical once the profile is compared, and a warning once while it learns")
    func engineSocket() {
        var book = IncidentBook(host: host)
        var finding = contact("unix//run/docker.sock", .engineSocket)
        finding.tier = 1
        finding.detail = "it controls the host"
        finding.profile = standing(.learning)
        let first = book.add(finding, now: at(0))
        #expect(first.map(\.severity) == [.warning] && first.first?.why.hasPrefix("it controls the host; ") == true)
        var other = IncidentBook(host: host)
        finding.profile = standing(.monitoring)
        #expect(other.add(finding, now: at(0)).map(\.severity) == [.critical])
    }
}
