// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform

extension BehaviourProfile {
    /// The same profile in the form that a file has and `ProfileStore.decode` insists on: lists sorted and each value once,
    /// at most 16 values of an argument, no call without a phase, whole seconds, no end before its start, and no text
    /// that could act on a terminal. A recording must not be lost because one part of it was made carelessly.
    func tidied() -> BehaviourProfile {
        var tidy = self
        tidy.key = Self.safe(key)
        tidy.target.name = Self.safe(target.name)
        tidy.target.command = target.command.map(Self.safe)
        tidy.target.engine = target.engine.map(Self.safe)
        tidy.target.image = target.image.map(Self.safe)
        tidy.target.digests = Set(target.digests.map(Self.safe)).sorted()
        tidy.environments = environments.map { environment in
            ProfileEnvironment(
                kernel: Self.safe(environment.kernel), runtime: environment.runtime.map(Self.safe),
                libc: environment.libc.map(Self.safe))
        }
        tidy.window.start = Self.seconds(window.start)
        tidy.window.end = max(tidy.window.start, Self.seconds(window.end))
        tidy.window.runs = max(1, window.runs)
        tidy.window.instances = max(0, window.instances)
        tidy.window.units = window.units.map { Set($0.map(Self.safe)).sorted() }
        tidy.window.partial = Set(window.partial.map(Self.safe)).sorted()
        tidy.calls = calls.mapValues { $0.filter { !$1.phases.isEmpty }.mapValues(Self.tidied) }
        tidy.ioUring = ioUring.filter { !$1.phases.isEmpty }.mapValues(Self.tidied)
        tidy.peers = peers.map { peers in
            peers.filter { PeerName($0.key) != nil && !$0.value.phases.isEmpty }.mapValues(Self.tidied)
        }
        tidy.credentials = credentials.map { rights in
            rights.filter { CredentialName($0.key)?.isOfSession == false && !$0.value.phases.isEmpty }
                .mapValues(Self.tidied)
        }
        tidy.capabilitiesUsed = capabilitiesUsed.map { used in
            used.filter { CapabilitySet(names: [$0.key])?.names == [$0.key] && !$0.value.phases.isEmpty }
                .mapValues(Self.tidied)
        }
        tidy.addresses = HostAddresses.kept(
            addresses?.mapValues { HostAddresses.unite($0.filter { HostAddresses.isValid([$0]) }, []) }
                .filter { !$0.value.isEmpty }, for: tidy.peers)
        tidy.executables = Dictionary(
            executables.map { (Self.safe($0), Self.tidied($1)) }, uniquingKeysWith: ProfileMerge.unite)
        tidy.arguments = arguments.mapValues(Self.tidied)
        tidy.denied = denied.mapValues { $0.mapValues(Self.tidied) }
        tidy.decisions = decisions.map { decision in
            ProfileDecision(
                entry: Self.safe(decision.entry), verdict: decision.verdict, reason: Self.safe(decision.reason),
                author: Self.safe(decision.author), date: Self.seconds(decision.date))
        }
        let united = ProfileProbe.unite(nil, probes?.map(Self.tidied))
        tidy.probes = united
        tidy.learning = learning.map(Self.tidied)
        return tidy
    }

    private static func tidied(_ probe: ProfileProbe) -> ProfileProbe {
        ProfileProbe(
            executable: probe.executable.map(safe), arguments: probe.arguments.map(safe), epochs: max(0, probe.epochs),
            configured: probe.configured, executables: Set(probe.executables.map(safe)).sorted(),
            calls: probe.calls.mapValues { Set($0).sorted() })
    }

    private static func tidied(_ learning: ProfileLearning) -> ProfileLearning {
        var tidy = learning
        tidy.start = seconds(learning.start)
        tidy.seconds = max(0, learning.seconds)
        tidy.epochSeconds = max(1, learning.epochSeconds)
        tidy.epochs = max(0, learning.epochs)
        tidy.warmUpLeft = max(0, learning.warmUpLeft)
        tidy.monitored = max(0, learning.monitored)
        tidy.instances = max(0, learning.instances)
        tidy.singletons = learning.singletons.reduce(into: [:]) { kept, item in
            if (1...max(1, tidy.epochs)).contains(item.value) { kept[safe(item.key)] = item.value }
        }
        tidy.provisional = Set(learning.provisional.map(safe)).sorted()
        tidy.forced = learning.forced.map(tidied)
        tidy.imported = learning.imported.map(tidied)
        return tidy
    }

    private static func tidied(_ vouch: ProfileLearning.Vouch) -> ProfileLearning.Vouch {
        ProfileLearning.Vouch(
            author: safe(vouch.author), reason: safe(vouch.reason), date: seconds(vouch.date),
            source: vouch.source.map(safe))
    }

    private static func tidied(_ evidence: CallEvidence) -> CallEvidence {
        let phases = evidence.phases.mapValues { phase in
            let first = seconds(phase.first)
            return PhaseEvidence(
                runs: max(1, phase.runs), first: first, last: max(first, seconds(phase.last)),
                executables: tidied(phase.executables),
                steady: phase.steady.flatMap { $0.isEmpty ? nil : Set($0.map(safe)).sorted() })
        }
        return CallEvidence(phases: phases, held: evidence.held.map(safe))
    }

    private static func tidied(_ evidence: ExecutableEvidence) -> ExecutableEvidence {
        let first = seconds(evidence.first)
        return ExecutableEvidence(
            runs: max(1, evidence.runs), first: first, last: max(first, seconds(evidence.last)),
            phases: Set(evidence.phases).sorted(),
            parents: evidence.parents.map { parents in
                Dictionary(parents.map { (safe($0), tidied($1)) }, uniquingKeysWith: ProfileMerge.unite)
            },
            origins: evidence.origins.map { Set($0.map(safe)).sorted() })
    }

    private static func tidied(_ evidence: ParentEvidence) -> ParentEvidence {
        let first = seconds(evidence.first)
        return ParentEvidence(
            runs: max(1, evidence.runs), first: first, last: max(first, seconds(evidence.last)),
            phases: Set(evidence.phases).sorted())
    }

    private static func tidied(_ evidence: ArgumentEvidence) -> ArgumentEvidence {
        var tidy = evidence
        tidy.runs = max(1, evidence.runs)
        for (phase, values) in evidence.values {
            let sorted = Set(values).sorted()
            tidy.values[phase] = Array(sorted.prefix(ProfileCheck.valueLimit))
            tidy.overflowed = tidy.overflowed || sorted.count > ProfileCheck.valueLimit
        }
        return tidy
    }

    private static func tidied(_ evidence: DeniedEvidence) -> DeniedEvidence {
        DeniedEvidence(
            runs: max(1, evidence.runs), errnos: Set(evidence.errnos).sorted(),
            executables: tidied(evidence.executables))
    }

    private static func tidied(_ executables: [String: UInt64]) -> [String: UInt64] {
        guard !executables.keys.allSatisfy(HostileText.isEscaped) else { return executables }
        return Dictionary(executables.map { (safe($0), $1) }, uniquingKeysWith: { $0.saturatingSum($1) })
    }

    private static func safe(_ text: String) -> String { HostileText.safe(text) }

    private static func seconds(_ date: Date) -> Date { date.wholeSecond }
}
