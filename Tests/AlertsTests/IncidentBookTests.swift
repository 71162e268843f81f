// SPDX-License-Identifier: Apache-2.0
import Alerts
import Testing

@Suite("IncidentBook")
struct IncidentBookTests {
    var book = IncidentBook(host: host)

    @Test("a shell and its ptrace are one incident, announced again under the graver rule")
    mutating func foldsTree() throws {
        let first = book.add(exec("/bin/sh", at: 0), now: at(0))
        #expect(first.map(\.rule) == [.unexpectedExecutable])
        #expect(first.map(\.severity) == [.warning])
        let shell = process(201, parents: [200, 100, 1], exe: "/bin/sh", comm: "sh")
        let second = book.add(call("ptrace", at: 1, by: shell, weight: 3, tier: 0), now: at(1))
        #expect(second.map(\.rule) == [.neverAllowCall])
        #expect(second.map(\.severity) == [.critical])
        #expect(second.first?.id == first.first?.id)
        #expect(second.map(\.revision) == [2])
        #expect(second.first?.items.map(\.item.name) == ["/bin/sh", "ptrace"])
        #expect(second.first?.score == 6)
        #expect(second.first?.technique?.id == "T1055.008")
        #expect(book.count == 1)
    }

    @Test("a graver item is announced at once, a lesser one at the pace")
    mutating func lesserWaits() throws {
        _ = book.add(exec("/bin/sh", at: 0, weight: 1), now: at(0))
        #expect(book.add(call("getcwd", at: 1, weight: 0.25), now: at(1)).isEmpty)
        #expect(book.service(now: at(59)).isEmpty)
        let later = book.service(now: at(60))
        #expect(later.map(\.revision) == [2])
        #expect(later.first?.items.count == 2)
        #expect(later.first?.rule == .unexpectedExecutable)
    }

    @Test("other trees, other containers and later minutes are other incidents")
    mutating func keepsApart() {
        let other = process(900, parents: [800])
        #expect(book.add(call("a", at: 0), now: at(0)).count == 1)
        #expect(book.add(call("b", at: 1, by: other), now: at(1)).count == 1)
        #expect(book.add(call("a", at: 1, container: web("other")), now: at(1)).count == 1)
        #expect(book.add(call("c", at: 62), now: at(62)).count == 1)
        #expect(book.count == 4)
    }

    @Test("a reused pid is another process")
    mutating func pidReuse() {
        var reused = process(100, parents: [])
        reused.startNanoseconds += 1
        _ = book.add(call("a", at: 0, by: process(100, parents: [])), now: at(0))
        #expect(book.add(call("b", at: 1, by: reused), now: at(1)).map(\.revision) == [1])
    }

    @Test("a steady attack is announced after 1 min, 10 min and then every hour, with exact counts, and never stops")
    mutating func pace() {
        var announced: [(second: Int, count: UInt64)] = []
        for second in 0..<20_000 {
            let now = at(Double(second))
            // Each time by another process, as a server that forks.
            let who = process(UInt32(1000 + second), parents: [])
            for alert in book.add(call("getpgid", at: Double(second), by: who), now: now) + book.service(now: now) {
                announced.append((second, alert.count))
            }
        }
        #expect(announced.map(\.second) == [0, 60, 660, 4260, 7860, 11_460, 15_060, 18_660])
        #expect(announced.allSatisfy { $0.count == UInt64($0.second) + 1 })
        #expect(book.count == 1)
        #expect(book.closeAll(now: at(20_000)).map(\.count) == [20_000])
    }

    @Test("an incident that rests for ten minutes is closed with its last count, and what comes then is a new one")
    mutating func closes() throws {
        let first = book.add(call("a", at: 0), now: at(0))
        #expect(book.add(call("a", at: 5), now: at(5)).isEmpty)
        #expect(book.service(now: at(606)).map(\.count) == [2])
        #expect(book.count == 0)
        let second = book.add(call("a", at: 700), now: at(700))
        #expect(second.map(\.revision) == [1])
        #expect(first.first?.id != second.first?.id)
    }

    @Test("an incident without news is closed in silence")
    mutating func closesSilently() {
        _ = book.add(call("a", at: 0), now: at(0))
        #expect(book.service(now: at(601)).isEmpty)
        #expect(book.count == 0)
        #expect(book.deadline == nil)
    }

    @Test("counts of a kernel counter are exact although records are lost or come twice")
    mutating func counters() throws {
        _ = book.add(call("a", at: 0, occurrences: .total(7, counter: 1)), now: at(0))
        _ = book.add(call("a", at: 1, occurrences: .total(5007, counter: 1)), now: at(1))
        _ = book.add(call("a", at: 1, occurrences: .total(5007, counter: 1)), now: at(2))
        _ = book.add(call("a", at: 0, occurrences: .total(6, counter: 1)), now: at(3))
        _ = book.add(call("a", at: 2, occurrences: .total(3, counter: 2)), now: at(4))
        book.note(counter: 1, total: 6000, now: at(5))
        let alert = try #require(book.service(now: at(60)).first)
        #expect(alert.count == 6003)
        #expect(alert.items.map(\.count) == [6003])
    }

    @Test("the same record gives the same id in another run, another record another one")
    func ids() {
        let finding = call("a", at: 3)
        var one = IncidentBook(host: host)
        var two = IncidentBook(host: host)
        let id = one.add(finding, now: at(3)).first?.id
        #expect(id?.utf8.count == 12)
        #expect(id?.utf8.allSatisfy { (0x30...0x7A).contains($0) } == true)
        #expect(two.add(finding, now: at(90)).first?.id == id)
        var ids: Set<String> = []
        for number in 0..<2000 {
            let who = process(UInt32(number % 40), parents: [])
            var fresh = IncidentBook(host: host)
            let alerts = fresh.add(call("c\(number / 40)", at: Double(number), by: who), now: at(0))
            ids.formUnion(alerts.map(\.id))
        }
        #expect(ids.count == 2000)
        var elsewhere = IncidentBook(host: AlertHost(name: "box", machineID: "0123456789abcdef", bootID: "later"))
        #expect(elsewhere.add(finding, now: at(3)).first?.id != id)
    }

    @Test("a step of the wall clock changes nothing")
    mutating func clockSteps() {
        var back = at(30)
        back.wall = WallTime(milliseconds: 0)
        _ = book.add(call("a", at: 0), now: at(0))
        #expect(book.add(call("a", at: 30), now: back).isEmpty)
        #expect(book.service(now: back).isEmpty)
        var ahead = at(61)
        ahead.wall = WallTime(milliseconds: 4_000_000_000_000)
        #expect(book.service(now: ahead).map(\.revision) == [2])
    }

    @Test("a record that is older than the incident joins it")
    mutating func lateRecord() {
        _ = book.add(call("a", at: 20), now: at(20))
        #expect(book.add(call("b", at: 2, weight: 0), now: at(21)).isEmpty)
        #expect(book.count == 1)
    }

    @Test("every bound holds under a flood and is counted")
    func bounds() {
        var limits = IncidentLimits()
        limits.incidents = 8
        limits.items = 4
        limits.processes = 16
        limits.containers = 8
        limits.counters = 8
        var book = IncidentBook(host: host, limits: limits)
        var first = 0
        for number in 0..<500 {
            let who = process(UInt32(number), parents: [], exe: "/tmp/\(number)")
            let container = web("c\(number % 50)")
            let finding = call(
                "x\(number)", at: Double(number) / 100, by: who, container: container,
                occurrences: .total(1, counter: UInt64(number)))
            first += book.add(finding, now: at(Double(number) / 100)).filter { $0.revision == 1 }.count
        }
        #expect(book.count == 8)
        #expect(first == 500)
        #expect(book.counters.incidentsClosedForRoom == 492)
        #expect(book.counters.containersForgotten > 0)
        #expect(book.counters.countersForgotten == 492)
        var one = IncidentBook(host: host, limits: limits)
        for number in 0..<200 { _ = one.add(call("y\(number)", at: 0), now: at(0)) }
        #expect(one.count == 1)
        #expect(one.counters.itemsOmitted == 196)
        let alert = one.closeAll(now: at(1)).last
        #expect(alert?.count == 200)
        #expect(alert?.items.count == 4)
        #expect(alert?.itemsOmitted == 196)
        #expect(one.count == 0)
    }

    @Test("more items than one alert holds cannot hide what comes a minute later")
    mutating func fullIncident() {
        var opened: [Int] = []
        for number in 0..<300 {
            let alerts = book.add(exec("/tmp/\(number)", at: Double(number), by: process(100)), now: at(Double(number)))
            if alerts.contains(where: { $0.revision == 1 }) { opened.append(number) }
        }
        #expect(opened == [0, 92, 184, 276])
    }

    @Test("every test alert is announced, marked and gives no command to allow it; a gap says how long")
    mutating func own() {
        let tests = (0..<3).flatMap { book.add(.test(actor: 1000, now: at(Double($0))), now: at(Double($0))) }
        #expect(tests.map(\.isTest) == [true, true, true])
        #expect(tests.allSatisfy { $0.next == ["ringfence explain \($0.id)"] && $0.severity == .notice })
        let gap = book.add(.gap(since: at(-7200).wall, why: "the daemon was killed", now: at(5)), now: at(5))
        #expect(
            gap.map(\.what) == [
                "nothing was watched for 2 hours, since 2026-11-18T09:06:40.000Z: the daemon was killed"
            ])
        #expect(gap.map(\.severity) == [.warning])
    }

    @Test("losses fold by container, without any process")
    mutating func lossesFold() {
        func loss(_ seconds: Double) -> Finding {
            .loss(10, of: web(), losses: AlertLosses(dropped: 10), now: at(seconds))
        }
        #expect(book.add(loss(0), now: at(0)).map(\.severity) == [.warning])
        #expect(book.add(loss(1), now: at(1)).isEmpty)
        #expect(book.service(now: at(60)).map(\.count) == [20])
    }
}
