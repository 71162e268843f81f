// SPDX-License-Identifier: Apache-2.0
import Alerts
import Platform
import Testing

@Suite("Alert")
struct AlertTests {
    @Test("a line has everything a responder needs, and reads back as it was")
    func roundTrip() throws {
        let alert = sample()
        let line = try alert.line()
        #expect(Alert(line: line) == alert)
        #expect(Alert(line: line.dropLast()) == alert)
        #expect(line.filter { $0 == 0x0A }.count == 1)
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.hasPrefix("{\"arguments\":[\"0x10\",\"0x2a\"],"))
        for part in [
            "\"schema\":\"ringfence.alert/v1\"", "\"severity\":\"warning\"", "\"rule\":\"unexpected-call\"",
            "\"next\":[\"ringfence explain \(alert.id)\",\"ringfence allow \(alert.id) --reason ...\"]",
            "never in 3.2 M calls over 6 days and 14 instances of shop/web", "\"image\":\"nginx:1.22\"",
            "\"wall\":\"2026-11-18T11:06:40.000Z\"", "\"uid\":33", "\"comm\":\"p1\"",
            "\"machineID\":\"0123456789abcdef\"",
        ] { #expect(text.contains(part), "\(part)") }
    }

    @Test("every byte in every name gives one valid line without control characters, and reads back")
    func hostileBytes() throws {
        let all = (0...255).map(UInt8.init)
        let bidi = Array("\u{202E}\u{2028}\u{0}\u{1B}[2J\r\n\"}\\".utf8)
        for bytes in all.map({ [$0] }) + [all, bidi, Array(repeating: 0xFF, count: 5000)] {
            let text = String(decoding: bytes, as: UTF8.self)
            let who = AlertProcess(
                pid: 7, tgid: 7, startNanoseconds: 1, executable: bytes, comm: bytes.prefix(16), argv: [bytes, bytes],
                uid: 0, ancestry: [.init(pid: 1, startNanoseconds: 1, comm: bytes.prefix(16))])
            let finding = Finding(
                rule: .unexpectedExecutable, item: FindingItem(.executable, text), time: at(0),
                container: AlertContainer(
                    id: text, name: text, image: text, digest: text, workload: text, engine: text, posture: [text]),
                process: who,
                profile: ProfileStanding(key: text, state: .monitoring, partial: text), detail: text)
            var book = IncidentBook(host: AlertHost(name: text, machineID: text, bootID: text))
            let alert = try #require(book.add(finding, now: at(0)).first)
            let line = try alert.line()
            #expect(Alert(line: line) == alert)
            #expect(line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            #expect(line.count < Alert.lineLimit)
            let shown = CompactRendering(color: false).line(alert)
            #expect(shown.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value != 0x202E })
            let story = ExplainRendering(color: false).text(alert)
            #expect(story.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" })
        }
    }

    @Test(
        "the largest alert that can be made is within the bound that readers have",
        arguments: [
            [UInt8(ascii: "\\")], [1], [0xFF], Array("\u{202E}".utf8), [UInt8(ascii: "a")],
        ])
    func largest(unit: [UInt8]) throws {
        let path = Array([[UInt8]](repeating: unit, count: 255).joined().prefix(255))
        let long = HostileText.escaped([[UInt8]](repeating: unit, count: 4096).joined())
        let who = AlertProcess(
            pid: 1, tgid: 1, startNanoseconds: .max, executable: path, comm: path.prefix(15),
            argv: .init(repeating: path, count: 100), uid: .max,
            ancestry: .init(repeating: .init(pid: .max, startNanoseconds: .max, comm: path.prefix(15)), count: 20))
        var book = IncidentBook(host: AlertHost(name: long, machineID: long, bootID: long))
        let container = AlertContainer(
            id: long, name: long, image: long, digest: long, workload: long, engine: long,
            posture: .init(repeating: long, count: 100))
        let profile = ProfileStanding(key: long, state: .monitoring, partial: long)
        for number in 0..<100 {
            let name = HostileText.escaped(Array(String(number).utf8) + path.dropFirst(3))
            let finding = Finding(
                rule: .unexpectedExecutable, item: FindingItem(.executable, name), time: at(0), container: container,
                process: who, profile: profile, arguments: .init(repeating: .max, count: 9), weight: 3, detail: long)
            _ = book.add(finding, now: at(0))
        }
        let alert = try #require(book.closeAll(now: at(1)).first)
        #expect(alert.items.count == 32)
        let line = try alert.line()
        #expect(line.count < Alert.lineLimit, "\(line.count)")
        #expect(Alert(line: line) == alert)
    }

    @Test("an alert that a stranger wrote into the store cannot move the cursor either")
    func hostileStore() {
        var alert = sample()
        alert.what = "\u{1B}]0;x\u{7}\u{202E}"
        alert.container.name = "a\nb"
        alert.id = "\u{1B}[2J"
        alert.host = AlertHost(name: "\u{9B}2J", machineID: "", bootID: "")
        for text in [CompactRendering(color: false).line(alert), ExplainRendering(color: false).text(alert)] {
            #expect(
                text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
            #expect(!text.contains("a\nb"))
        }
    }

    @Test(
        "values after secret-like keys are redacted, and nothing else",
        arguments: [
            ("--password=hunter2", "--password=[redacted]"), ("-u", "-u"),
            ("DB_PASSWORD=a b", "DB_PASSWORD=[redacted]"), ("--api-key=K", "--api-key=[redacted]"),
            ("https://h/p?token=abc&x=1", "https://h/p?token=[redacted]&x=1"),
            ("https://me:pw@h:80/p", "https://me:[redacted]@h:80/p"), ("https://h:80/p", "https://h:80/p"),
            ("Authorization: Bearer abc def", "Authorization:[redacted]"),
            ("{\"a\":1,\"secret\": \"s p\",\"b\":2}", "{\"a\":1,\"secret\":[redacted],\"b\":2}"),
            ("export TOKEN=abc; curl x", "export TOKEN=[redacted] curl x"), ("key=value", "key=value"),
            ("--passwordfile", "--passwordfile"), ("a=b:c", "a=b:c"), ("", ""), ("=", "="),
        ])
    func redaction(word: String, shown: String) {
        let who = AlertProcess(
            pid: 1, tgid: 1, startNanoseconds: 0, executable: [], comm: [], argv: [Array(word.utf8)], uid: 0)
        #expect(who.argv == [shown])
        let plain = AlertProcess(
            pid: 1, tgid: 1, startNanoseconds: 0, executable: [], comm: [], argv: [Array("--token=x".utf8)], uid: 0,
            redacts: false)
        #expect(plain.argv == ["--token=x"])
    }

    @Test("a command line that is not shown whole says so")
    func cutArguments() {
        func who(_ words: [String], isCut: Bool = false) -> AlertProcess {
            AlertProcess(
                pid: 1, tgid: 1, startNanoseconds: 0, executable: [], comm: [], argv: words.map { Array($0.utf8) },
                isArgvCut: isCut, uid: 0)
        }
        #expect(who(["sh", "-c", "true"]).isArgvCut == nil)
        #expect(who(["sh", "..."]).isArgvCut == nil)
        #expect(who([String](repeating: "x", count: 65)).isArgvCut == true)
        #expect(who(["sh", String(repeating: "x", count: 513)]).isArgvCut == true)
        #expect(who(["sh", String(repeating: "x", count: 512)]).isArgvCut == nil)
        #expect(who([String](repeating: String(repeating: "y", count: 400), count: 20)).isArgvCut == true)
        #expect(who(["sh"], isCut: true).isArgvCut == true)
        #expect(AlertProcess(pid: 1, tgid: 1, startNanoseconds: 0, executable: [], comm: [], uid: 0).isArgvCut == nil)
    }

    @Test(
        "who executed what, and as whom, is a sentence",
        arguments: [
            (FindingItem(.parent, "/bin/sh <- /usr/sbin/nginx"), "/bin/sh was executed by /usr/sbin/nginx (pid"),
            (FindingItem(.credential, "uid/0"), "ran as user 0"),
            (
                FindingItem(.credential, "session/userns/uid/0"),
                "ran as user 0, in a user namespace, in an exec session"
            ),
            (
                FindingItem(.credential, "userns/capability/CAP_CHOWN,CAP_KILL"),
                "had CAP_CHOWN, CAP_KILL in effect, in a user namespace"
            ),
            (FindingItem(.replacedExecutable, "/bin/sh"), "/bin/sh, whose file was replaced, was executed (pid"),
        ])
    func sentences(item: FindingItem, sentence: String) throws {
        let rule: AlertRule =
            item.kind == .parent ? .newParent : item.kind == .credential ? .newCredentials : .replacedExecutable
        var book = IncidentBook(host: AlertHost(name: "h", machineID: "", bootID: ""))
        let finding = Finding(
            rule: rule, item: item, time: at(0), container: web(), process: process(100), weight: 3)
        let alert = try #require(book.add(finding, now: at(0)).first)
        #expect(alert.what.contains(sentence), "\(alert.what)")
        #expect(alert.rule == rule && alert.technique != nil)
        #expect(alert.next.contains { $0.hasPrefix("ringfence allow") }, "\(alert.next)")
    }

    @Test("the word after a secret-like option is redacted")
    func redactionOfNext() {
        let words = ["mysql", "--password", "p1", "--user", "u", "--token", "--x", "-p", "y"]
        let who = AlertProcess(
            pid: 1, tgid: 1, startNanoseconds: 0, executable: [], comm: [], argv: words.map { Array($0.utf8) }, uid: 0)
        #expect(who.argv == ["mysql", "--password", "[redacted]", "--user", "u", "--token", "--x", "-p", "y"])
    }

    @Test(
        "wall times read back, at every edge of the calendar",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func wallTime(milliseconds: Int64, text: String) {
        #expect(WallTime(milliseconds: milliseconds).description == text)
        #expect(WallTime(text)?.milliseconds == milliseconds)
        #expect(WallTime(milliseconds: .max) == WallTime("9999-12-31T23:59:59.999Z"))
        for wrong in ["", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", text + "Z", "2026-01-01 00:00:00Z"] {
            #expect(WallTime(wrong) == nil)
        }
    }

    @Test("a compact line is plain unless colour is asked for, and explain names profile, parents and next step")
    func rendering() {
        let alert = sample()
        #expect(
            CompactRendering(color: false).line(alert)
                == "11:06:40 warning  web /usr/sbin/nginx (pid 100) called ptrace(0x10, 0x2a) (x86_64) (p1>nginx) \(alert.id)"
        )
        #expect(CompactRendering(color: true).line(alert).contains("\u{1B}[33mwarning"))
        let story = ExplainRendering(color: false).text(alert)
        for part in [
            "never in 3.2 M calls over 6 days and 14 instances of shop/web", "learned in 864 epochs",
            "at most 3.4 % (95 % bound)", "p1[1]", "ringfence allow \(alert.id) --reason", "T1106 Native API",
            "none: nothing of this container is missing", "(as the process shows them)",
        ] { #expect(story.contains(part), "\(part)") }
        #expect(!story.contains("\u{1B}"))
    }
}
