// SPDX-License-Identifier: Apache-2.0
import Alerts
import Platform

let second: UInt64 = 1_000_000_000
let host = AlertHost(name: "box", machineID: "0123456789abcdef", bootID: "11111111-2222")

/// `seconds` after a made-up boot, at a made-up date.
func at(_ seconds: Double) -> Moment {
    Moment(
        wall: WallTime(milliseconds: 1_795_000_000_000 + Int64(seconds * 1000)),
        bootNanoseconds: 1_000_000_000_000 + UInt64(max(0, seconds) * 1e9))
}

func process(_ pid: UInt32, parents: [UInt32] = [1], exe: String = "/usr/sbin/nginx", comm: String = "nginx")
    -> AlertProcess
{
    AlertProcess(
        pid: pid, tgid: pid, startNanoseconds: UInt64(pid) * 1000, executable: exe.utf8, comm: comm.utf8,
        argv: [Array(exe.utf8), Array("-g".utf8)], uid: 33,
        ancestry: parents.map { .init(pid: $0, startNanoseconds: UInt64($0) * 1000, comm: "p\($0)".utf8) })
}

func standing(_ state: ProfileStanding.State = .monitoring) -> ProfileStanding {
    ProfileStanding(
        key: "shop/web", state: state, calls: 3_240_000, instances: 14, epochs: 864, learnedSeconds: 6 * 86_400,
        noveltyBound: 0.034)
}

func web(_ id: String = String(repeating: "a1", count: 32)) -> AlertContainer {
    AlertContainer(
        id: id, name: "web", image: "nginx:1.22", digest: "sha256:00", workload: "shop/web", engine: "docker")
}

/// A system call that the profile does not have.
func call(
    _ name: String, at seconds: Double, by who: AlertProcess? = process(100), weight: Double = 1, tier: Int? = nil,
    state: ProfileStanding.State = .monitoring, container: AlertContainer = web(),
    occurrences: Finding.Occurrences = .more(1)
) -> Finding {
    Finding(
        rule: tier == nil ? .unexpectedCall : .neverAllowCall, item: FindingItem(.call, name, abi: "x86_64"),
        time: at(seconds), container: container, process: who, profile: standing(state), arguments: [16, 42],
        occurrences: occurrences, weight: weight, tier: tier)
}

/// A program that the profile does not have.
func exec(
    _ path: String, at seconds: Double, by who: AlertProcess? = nil, weight: Double = 3,
    state: ProfileStanding.State = .monitoring
) -> Finding {
    Finding(
        rule: .unexpectedExecutable, item: FindingItem(.executable, path), time: at(seconds), container: web(),
        process: who ?? process(200, parents: [100, 1], exe: path, comm: "sh"), profile: standing(state), weight: weight
    )
}

/// An alert to deliver.
func sample(_ name: String = "ptrace", severity: Severity = .warning, at seconds: Double = 0) -> Alert {
    var book = IncidentBook(host: host)
    guard var alert = book.add(call(name, at: seconds), now: at(seconds)).first else { preconditionFailure("no alert") }
    alert.severity = severity
    return alert
}
