// SPDX-License-Identifier: Apache-2.0
import Control
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

@testable import CommandLineTool

@Suite("What `ringfence network` prints")
struct NetworkOutputTests {
    /// What a container can put into a name: every byte.
    private static let hostile = HostileText.escaped((0...255).map(UInt8.init) + Array("\"; drop */ # ${x} <b>\\".utf8))

    private static func profile(_ peers: [String], held: [String] = [], key: String = "shop \(hostile)")
        -> BehaviourProfile
    {
        let date = Date(timeIntervalSince1970: 1_800_000_000)
        var profile = BehaviourProfile(
            key: key, architecture: .x86_64, target: ProfileTarget(kind: .container, name: "web"), environments: [],
            window: ProfileWindow(
                start: date, end: date + 60, instances: 1, counted: false, partial: [], events: EventAccounting()))
        let use = PhaseEvidence(first: date, last: date, executables: [hostile: 0])
        profile.peers = Dictionary(uniqueKeysWithValues: peers.map { ($0, CallEvidence(phases: ["workload": use])) })
        for name in held { profile.peers?[name] = CallEvidence(phases: ["workload": use], held: "an engine's socket") }
        profile.peers?["connect/tcp/198.51.100.9:22"] = CallEvidence(phases: ["session": use])
        return profile
    }

    private static let many = [
        "connect/tcp/203.0.113.7:443", "connect/tcp/203.0.113.0/24:8443", "connect/tcp/[2001:db8::1]:443",
        "connect/tcp/[2001:db8::]/64:25", "connect/tcp/*:80", "connect/tcp/203.0.113.9:80", "send/udp/192.0.2.53:53",
        "connect/tcp/169.254.169.254:80", "connect/tcp/127.0.0.1:5432", "listen/tcp/*:80", "listen/tcp/*:40000",
        "listen/tcp/*:any", "listen/udp/*:53", "listen/tcp/loopback:6379", "unix/@\(hostile)",
        "connect/sctp/192.0.2.9:7",
        "connect/tcp/203.0.113.7:0", "connect/ip47/203.0.113.7:1",
    ]

    private static func peer(_ more: String) -> String {
        #"{"entry":"x","first":"2027-01-15T08:00:00Z","last":"2027-01-15T08:00:09Z","#
            + #""executables":["/bin/nc"],"isNew":false,"standing":"learned","count":1,"#
            + more + "}"
    }

    private static func answer(named name: String) throws -> JSONValue {
        var value = try JSONValue(
            parsing: Array(
                """
                {"network":{"isWatched":true},"containers":[
                {"name":"NAME","id":"aa","engine":"docker","key":"k","state":"monitoring","addresses":["192.0.2.2"],
                "lost":3,"peers":[
                \(peer(#""kind":"connect","protocol":"tcp","address":"192.0.2.3","port":5432,"containers":[{"name":"db","id":"bb"}],"refused":2"#)),
                \(peer(#""kind":"connect","protocol":"tcp","address":"2001:db8::7","port":443"#).replacing("false", with: "true").replacing("learned", with: "new")),
                \(peer(#""kind":"unix","address":"NAME""#)),
                \(peer(#""kind":"listen","protocol":"tcp","address":"*","port":0,"accepted":4"#))]},
                {"name":"db","id":"bb","engine":"docker","key":"k","state":"learning","addresses":["192.0.2.3"],
                "peers":[]}]}
                """.utf8))
        value = value.renamed("NAME", name)
        return value
    }

    @Test("the table names the container behind an address, marks what is new, and tells of losses")
    func table() throws {
        let lines = NetworkText.lines(try Self.answer(named: "web"))
        #expect(lines.first == "web (docker, profile k, monitoring) at 192.0.2.2")
        let known = try #require(lines.first { $0.contains("192.0.2.3:5432") })
        #expect(known.contains("connects tcp") && known.contains(" db ") && known.contains("2 refused"))
        #expect(!known.contains("NEW") && known.contains("/bin/nc"))
        #expect(lines.first { $0.contains("[2001:db8::7]:443") }?.hasPrefix("  NEW") == true)
        #expect(lines.contains { $0.contains("listens tcp") && $0.contains("*:any") && $0.contains("4 accepted") })
        #expect(lines.contains("  3 contacts found no room and are not known"))
        #expect(lines.contains("db (docker, profile k, learning) at 192.0.2.3") && lines.last == "  talks to nobody")
        let off = try JSONValue(parsing: Array(#"{"network":{"isWatched":false,"reason":"Network=no"}}"#.utf8))
        #expect(NetworkText.lines(off) == ["network addresses are not watched: Network=no"])
    }

    /// One statement of the graph a line: nodes and edges with quoted labels, in which each quote and backslash is escaped.
    private static var dotLine: some RegexComponent {
        #/digraph ringfence \{|  rankdir=LR;|  node \[shape=box\];|\}|  n\d+( -> n\d+)? \[label="([^"\\]|\\["\\n])*"(, (shape|color|fontcolor|style)=[a-z]+)*\];/#
    }

    @Test("the graph has an edge from container to container, and no name can end a label")
    func graph() throws {
        let text = NetworkGraph.text(try Self.answer(named: "web"))
        #expect(text.contains(#"n0 [label="web\n192.0.2.2\nlistens tcp *:any"];"#), "\(text)")
        #expect(text.contains(#"n0 -> n1 [label="tcp/5432 x1"];"#), "\(text)")
        #expect(text.contains(#"[label="tcp/443 x1 NEW", color=red, fontcolor=red];"#), "\(text)")
        for name in [Self.hostile, #"a"]; evil [label="x"#, #"\"#, #"\N\"#, ""] {
            let lines = NetworkGraph.text(try Self.answer(named: name)).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.last == "" && lines.count == 12, "\(lines)")
            for line in lines.dropLast() { #expect(line.wholeMatch(of: Self.dotLine) != nil, "\(line)") }
        }
    }

    @Test("a filter lets through what was learned, no more than once, and says what it cannot say")
    func rules() throws {
        let rules = try PeerRules(Self.profile(Self.many, held: ["unix//run/docker.sock"], key: "shop"))
        let out = rules.outgoing.map { "\($0.transport) \($0.place) \($0.port)" }
        // The address at port 80 is part of any address; the one that hands credentials out is part of nothing.
        #expect(rules.outgoing.count == 8 && out.filter { $0.hasSuffix(" 80") }.count == 2, "\(out)")
        #expect(rules.incoming.map(\.port) == [0, 80, 40000, 53], "\(rules.incoming)")
        for words in [
            "203.0.113.0/24 port 8443 (tcp) stands for more than 16 addresses", "any address at port 80 (tcp)",
            "who connects is not learned", "any from 32768 to 60999", "left out: 3 loopback or unix sockets",
            "left out: connect/ip47/203.0.113.7:1", "left out: connect/tcp/203.0.113.7:0",
            "left out: unix//run/docker.sock, which is held",
        ] { #expect(rules.remarks.contains { $0.contains(words) }, "\(words): \(rules.remarks)") }
        var unwatched = Self.profile([])
        unwatched.peers = nil
        #expect(throws: CommandFailure.self) { try PeerRules(unwatched) }
        #expect(
            try PeerRules(Self.profile([], key: "a b")).identifier != PeerRules(Self.profile([], key: "a-b")).identifier
        )
    }

    @Test(
        "a name is its addresses in a filter, which says so; one with many is any; the table has it beside the address")
    func names() throws {
        var profile = Self.profile(
            [
                "connect/tcp/api.example.com:443", "connect/tcp/many.example.com:8443",
                "connect/tcp/lost.example.com:25",
            ],
            key: "shop")
        profile.addresses = [
            "api.example.com": ["169.254.169.254", "2001:db8::7", "203.0.113.7"], "many.example.com": ["*"],
        ]
        let rules = try PeerRules(profile)
        #expect(rules.outgoing.map(\.port) == [443, 443, 8443] && rules.outgoing.last?.place == .any)
        for words in [
            "api.example.com port 443 (tcp) is here as the addresses that it had: 169.254.169.254, 2001:db8::7, 203.0.113.7",
            "many.example.com port 8443 (tcp) is a name with more than 64 addresses",
            "left out: lost.example.com port 25 (tcp)",
        ] { #expect(rules.remarks.contains { $0.contains(words) }, "\(words): \(rules.remarks)") }
        for line in rules.networkPolicy.split(separator: "\n") { #expect(line.wholeMatch(of: Self.yamlLine) != nil) }
        for line in rules.nftables.split(separator: "\n") { #expect(line.wholeMatch(of: Self.nftLine) != nil) }
        #expect(rules.networkPolicy.contains(#"- ipBlock: {cidr: "203.0.113.7/32"}"#))
        let peer = Self.peer(
            #""kind":"connect","protocol":"tcp","address":"203.0.113.7","port":443,"names":["api.example.com"]"#)
        let answer = try JSONValue(
            parsing: Array(
                """
                {"network":{"isWatched":true},"containers":[{"name":"web","id":"aa","engine":"docker","key":"k",
                "state":"monitoring","addresses":[],"peers":[\(peer)]}]}
                """.utf8))
        #expect(
            NetworkText.lines(answer).contains { $0.contains("203.0.113.7:443") && $0.contains(" api.example.com ") })
        #expect(NetworkGraph.text(answer).contains(#"[label="203.0.113.7\napi.example.com", shape=ellipse]"#))
    }

    /// Every form of line that a policy has: a mapping in block style, whose flow parts hold plain words, numbers and JSON
    /// strings.
    private static var yamlLine: some RegexComponent {
        #/---|# [^\n]*|apiVersion: networking\.k8s\.io/v1|kind: NetworkPolicy| *[a-zA-Z.]+:| *(- )?(name|ringfence\.profile): "([^"\\]|\\["\\])*"| *"ringfence\.profile/[a-z0-9-]+": "yes"|  policyTypes: \["Ingress", "Egress"\]|  (in|e)gress: \[\]| *- (to|ports):| *- ipBlock: \{cidr: "[0-9a-f.:/]+"(, except: \["[0-9a-f.:/]+"\])?\}| *- \{protocol: "(TCP|UDP|SCTP)", port: \d+(, endPort: \d+)?\}/#
    }

    @Test("the NetworkPolicy is YAML with an egress rule a place, and closes what was never used")
    func networkPolicy() throws {
        let text = try PeerRules(Self.profile(Self.many)).networkPolicy
        for line in text.split(separator: "\n") { #expect(line.wholeMatch(of: Self.yamlLine) != nil, "\(line)") }
        #expect(text.contains(#"- ipBlock: {cidr: "0.0.0.0/0", except: ["169.254.169.254/32"]}"#), "\(text)")
        #expect(text.contains(#"- ipBlock: {cidr: "169.254.169.254/32"}"#) && !text.contains("198.51.100.9"))
        #expect(text.contains(#"- {protocol: "TCP", port: 32768, endPort: 60999}"#))
        let closed = try PeerRules(Self.profile(["listen/tcp/loopback:80"])).networkPolicy
        #expect(closed.contains("  ingress: []\n  egress: []\n"))
        // A parser of its own, where there is one.
        let workspace = try Workspace()
        try workspace.write(text + closed, to: "policy.yaml")
        let program = """
            import sys
            try: import yaml
            except ImportError: sys.exit(3)
            all = list(yaml.safe_load_all(open(sys.argv[1], encoding="utf-8")))
            first = all[0]["spec"]
            print(len(all), len(first["egress"]), len(first["ingress"][0]["ports"]), all[1]["spec"]["egress"])
            print(all[0]["metadata"]["annotations"]["ringfence.profile"])
            """
        let run = try Shell.run(
            ["python3", "-c", program, workspace.file("policy.yaml")], environment: ["PYTHONIOENCODING": "utf-8"])
        if run.status == 3 { return }
        #expect(run.output == "2 8 4 []\n" + HostileText.printable("shop \(Self.hostile)") + "\n", "\(run.errors)")
    }

    /// The same for a table of nft(8).
    private static var nftLine: some RegexComponent {
        #/# [^\n]*|(delete )?table inet ringfence_[0-9a-f]{8}( \{)?|\t?\}|\t(set|chain) [a-z0-9_]+ \{|\t\ttype (ipv[46]_addr \. )?inet_service|\t\tflags interval|\t\t(elements = \{ |\t)[0-9a-f.:/]+( \. \d+|-\d+)?(,| \})|\t\ttype filter hook (in|out)put priority filter; policy drop;|\t\t[io]ifname "lo" accept|\t\tct state established,related accept|\t\tmeta l4proto \{ icmp, ipv6-icmp \} accept|\t\tip6? daddr [0-9a-f.:]+( tcp dport \d+ accept| drop)|\t\t(ip6? daddr \. )?(tcp|udp|sctp) dport @[a-z0-9_]+ accept/#
    }

    @Test("the nftables set is what nft takes, holds each port once, and keeps the metadata service apart")
    func nftables() throws {
        let text = try PeerRules(Self.profile(Self.many)).nftables
        for line in text.split(separator: "\n") { #expect(line.wholeMatch(of: Self.nftLine) != nil, "\(line)") }
        let lines = text.split(separator: "\n")
        let order = [
            "ip daddr 169.254.169.254 tcp dport 80 accept", "ip daddr 169.254.169.254 drop",
            "tcp dport @to_any_tcp accept",
        ]
        .map { rule in lines.firstIndex { $0.dropFirst(2) == rule } ?? -1 }
        #expect(order == order.sorted() && order[0] > 0, "\(order)")
        #expect(text.contains("elements = { 80,\n\t\t\t32768-60999 }"), "\(text)")
        let closed = try PeerRules(Self.profile([], key: "nothing")).nftables
        #expect(!closed.contains("set ") && closed.contains("policy drop"))
        let workspace = try Workspace()
        let file = workspace.file("filter.nft")
        try workspace.write(text + closed + text, to: "filter.nft")
        // nft itself, where it is and may: in a network namespace of its own.
        guard geteuid() == 0, try Shell.run(["unshare", "-n", "nft", "list", "ruleset"]).status == 0 else { return }
        let check = try Shell.run(["unshare", "-n", "nft", "-c", "-f", file])
        #expect(check.status == 0, "\(check.errors)")
        let load = try Shell.run(["unshare", "-n", "sh", "-c", "nft -f \(file) && nft -f \(file) && nft list ruleset"])
        #expect(load.status == 0 && load.output.contains("203.0.113.0/24 . 8443"), "\(load.errors) \(load.output)")
    }
}

extension JSONValue {
    /// The value with another text wherever `text` stands.
    fileprivate func renamed(_ text: String, _ other: String) -> JSONValue {
        switch self {
        case .string(text): .string(other)
        case .array(let elements): .array(elements.map { $0.renamed(text, other) })
        case .object(let members): .object(members.mapValues { $0.renamed(text, other) })
        default: self
        }
    }
}
