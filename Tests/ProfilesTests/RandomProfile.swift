// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import Profiles
import TestSupport

/// Makes profiles with every kind of entry.
struct RandomProfile {
    var random: SeededGenerator
    /// Whether people have decided about entries.
    var decided = true

    init(seed: UInt64, decided: Bool = true) {
        random = SeededGenerator(seed: seed)
        self.decided = decided
    }

    mutating func profile() -> BehaviourProfile {
        let start = date()
        var profile = BehaviourProfile(
            key: "docker:web", architecture: .x86_64,
            target: ProfileTarget(
                kind: .container, name: text(), command: list { $0.text() }, engine: maybe("docker"),
                image: maybe("registry/web:1"), digests: Set(list { "sha256:\($0.below(9))" }).sorted()),
            environments: Set(list { ProfileEnvironment(kernel: "6.\($0.below(20))", runtime: $0.maybe("runc 1.1.5")) })
                .sorted { ($0.kernel, $0.runtime ?? "") < ($1.kernel, $1.runtime ?? "") },
            window: ProfileWindow(
                start: start, end: start + Double(below(100_000)), runs: 1 + below(5), instances: below(9),
                counted: below(2) == 0, partial: Set(list { _ in "the capture started late" }).sorted(),
                events: EventAccounting(produced: count(), delivered: count(), suppressed: count(), dropped: count())))
        if below(2) == 0 { profile.window.steady = true }
        for abi in CallABI.allCases {
            let names = SyscallTable.table(abi, on: .x86_64).entries.map(\.name)
            var calls: [String: CallEvidence] = [:]
            for _ in 0..<below(6) { calls[names[below(40) * 9 % names.count]] = evidence() }
            if !calls.isEmpty { profile.calls[abi.name(on: .x86_64)] = calls }
        }
        profile.calls["x86_64", default: [:]]["ptrace"] = evidence()
        for _ in 0..<below(4) { profile.ioUring[IOUringOperation.name(below(20))] = evidence() }
        for _ in 0..<below(4) {
            let first = date()
            profile.executables[path()] = ExecutableEvidence(
                runs: 1 + below(4), first: first, last: first + Double(below(1000)), phases: phases().sorted(),
                parents: below(3) == 0 ? nil : parents(),
                origins: below(3) == 0 ? nil : Set(list { ["image", "layer", "mount"][$0.below(3)] }).sorted())
        }
        if below(4) > 0 {
            let rights = ["uid/0", "uid/33", "userns/uid/0", "capability/CAP_CHOWN", "userns/capability/#63"]
            var credentials = Dictionary(list { (rights[$0.below(5)], $0.evidence()) }) { one, _ in one }
            // Few enough and many enough that they become any user, in one profile or in a merge.
            for _ in 0..<below(24) { credentials["uid/\(1 + below(40))"] = evidence() }
            profile.credentials = CredentialEntries.bounded(credentials)
        }
        if below(4) > 0 {
            profile.capabilitiesUsed = Dictionary(
                list { (["CAP_CHOWN", "CAP_NET_RAW"][$0.below(2)], $0.evidence()) }
            ) { one, _ in one }
        }
        if below(4) > 0 { profile.peers = PeerEntries.bounded(peers()).kept }
        let hosts = (profile.peers ?? [:]).keys.sorted().compactMap { PeerName($0)?.host }
        for host in hosts where below(4) > 0 {
            let few = (0...below(40)).map { _ in "192.0.2.\(1 + below(90))" }
            profile.addresses = (profile.addresses ?? [:]).merging([host: HostAddresses.unite(few, [])]) { $1 }
        }
        for name in ["socket.family", "clone.flags"] where below(3) > 0 {
            var values: [String: [UInt32]] = [:]
            for phase in phases() { values[phase] = Set(list(up: 14) { UInt32($0.below(46)) }).sorted() }
            profile.arguments[name] = ArgumentEvidence(
                values: values, overflowed: below(4) == 0, calls: count(), runs: 1 + below(4), grewLate: below(2) == 0)
        }
        if below(2) == 0 {
            profile.denied["x86_64"] = [
                "mount": DeniedEvidence(errnos: [1, 38], executables: [path(): count()]),
                "keyctl": DeniedEvidence(runs: 3, errnos: [38], executables: [:]),
            ]
        }
        if decided {
            profile.decisions = list { random in
                ProfileDecision(
                    entry: [
                        "calls/x86_64/ptrace", "ioUring/IORING_OP_READ", "executables//usr/bin/b",
                        "peers/connect/tcp/203.0.113.0/24:443", "parents//usr/bin/a <- /usr/bin/b",
                        "credentials/uid/0",
                    ][random.below(6)],
                    verdict: random.below(2) == 0 ? .accept : .remove, reason: random.text(), author: "ann",
                    date: random.date())
            }.sorted { $0.date < $1.date }
        }
        if below(2) == 0 {
            let probes = probes(profile)
            profile.probes = probes.isEmpty ? nil : probes
        }
        if below(3) > 0 { profile.learning = learning(profile) }
        return profile
    }

    private mutating func parents() -> [String: ParentEvidence] {
        var parents: [String: ParentEvidence] = [:]
        for _ in 0..<below(4) {
            let first = date()
            parents[path()] = ParentEvidence(
                runs: 1 + below(4), first: first, last: first + Double(below(1000)), phases: phases().sorted())
        }
        return parents
    }

    /// Few enough and many enough that some become prefixes, and some prefixes any address, in one profile or in a merge.
    private mutating func peers() -> [String: CallEvidence] {
        var peers: [String: CallEvidence] = [:]
        for _ in 0..<below(24) { peers["connect/tcp/203.0.113.\(below(40)):443"] = evidence() }
        for _ in 0..<below(24) { peers["send/udp/[2001:db8::\(1 + below(9))]:\(53 + below(2))"] = evidence() }
        for _ in 0..<below(24) { peers["connect/tcp/10.0.\(below(40)).0/24:80"] = evidence() }
        for _ in 0..<below(3) { peers["connect/tcp/10.0.\(below(40)).7:80"] = evidence() }
        let hosts = below(9) == 0 ? 40 : below(5)
        for _ in 0..<hosts { peers["connect/tcp/n\(below(90)).example.com:443"] = evidence() }
        if below(9) == 0 { peers["connect/tcp/*:80"] = evidence() }
        for name in ["listen/tcp/*:80", "listen/udp/loopback:any", "unix//run/docker.sock", "unix/@é"]
        where below(3) == 0 {
            peers[name] = evidence()
        }
        return peers
    }

    /// A probe of each command at most, the executable always known.
    private mutating func probes(_ profile: BehaviourProfile) -> [ProfileProbe] {
        ["/bin/check", "/bin/wget"].filter { _ in below(2) == 0 }.map { path in
            ProfileProbe(
                executable: path, arguments: [path, "-q"], epochs: below(4), configured: below(2) == 0,
                executables: Set(list { $0.path() }).sorted(),
                calls: profile.calls.mapValues { $0.keys.sorted() })
        }
    }

    private mutating func learning(_ profile: BehaviourProfile) -> ProfileLearning {
        var learning = ProfileLearning(
            state: ProfileLearning.State.allCases[below(3)], start: date(), seconds: below(100_000),
            epochSeconds: 1 + below(600), epochs: 1 + below(200), warmUpLeft: below(3), monitored: below(99),
            instances: below(9), locked: below(4) == 0, provisional: Set(list { "sha256:new\($0.below(9))" }).sorted())
        // The workload's io_uring operations are items: not on the never-allow list, in no other list.
        for (name, evidence) in profile.ioUring.sorted(by: { $0.key < $1.key })
        where evidence.phases[Phase.workload.name] != nil && below(2) == 0 {
            learning.singletons[ProfileEntry.ioUring(name)] = 1 + below(learning.epochs)
        }
        if below(3) == 0 { learning.forced = vouch(source: nil) }
        if below(3) == 0 { learning.imported = vouch(source: text()) }
        return learning
    }

    private mutating func vouch(source: String?) -> ProfileLearning.Vouch {
        ProfileLearning.Vouch(author: text(), reason: text(), date: date(), source: source)
    }

    mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    private mutating func evidence() -> CallEvidence {
        var evidence: [String: PhaseEvidence] = [:]
        for phase in phases() {
            let first = date()
            var executables: [String: UInt64] = [:]
            for _ in 0..<below(3) { executables[path()] = count() }
            evidence[phase] = PhaseEvidence(
                runs: 1 + below(5), first: first, last: first + Double(below(1000)), executables: executables,
                steady: executables.isEmpty || below(3) > 0 ? nil : executables.keys.sorted())
        }
        return CallEvidence(phases: evidence, held: below(9) == 0 ? "for a test" : nil)
    }

    private mutating func phases() -> Set<String> {
        Set((0..<(1 + below(3))).map { _ in Phase.allCases[below(6)].name })
    }

    private mutating func path() -> String { ["/usr/bin/a", "/usr/bin/b", "/opt/é", "/tmp/\\x1b", "other"][below(5)] }

    private mutating func text() -> String {
        HostileText.escaped((0..<below(12)).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }

    private mutating func date() -> Date { Date(timeIntervalSince1970: Double(1_700_000_000 + below(100_000_000))) }

    private mutating func count() -> UInt64 { below(3) == 0 ? random.next() : UInt64(below(1000)) }

    private mutating func maybe(_ value: String) -> String? { below(2) == 0 ? nil : value }

    private mutating func list<Element>(up limit: Int = 4, _ make: (inout Self) -> Element) -> [Element] {
        let count = below(limit)
        return (0..<count).map { _ in make(&self) }
    }
}
