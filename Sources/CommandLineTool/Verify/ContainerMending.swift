// SPDX-License-Identifier: Apache-2.0
import Seccomp

/// What has to be allowed so that a container that fails under its profile works.
struct ContainerMending: Encodable {
    /// A call, and who made it.
    struct Call: Encodable {
        let call: String
        let executables: [String]
    }

    /// Calls without each of which it fails; empty if nothing mends it.
    var needed: [Call] = []
    /// Calls that were denied and that it works without, as far as the check can tell.
    var unneeded: [String] = []
    /// How often the container was started to find out.
    var trials = 0
    /// Why nothing mends it.
    var reason: String?

    /// Rounds in which calls are added that only a later one shows to be denied.
    private static let rounds = 10

    /// Finds out, by starting the container again and again. `first` is how it failed.
    init(
        of profile: OCISeccompProfile, failed first: Verification,
        by verify: (OCISeccompProfile) throws(CommandFailure) -> Verification
    ) throws(CommandFailure) {
        var trials = 0
        func start(_ profile: OCISeccompProfile) throws(CommandFailure) -> Verification {
            trials += 1
            return try verify(profile)
        }
        defer { self.trials = trials }
        var makers = first.deniedCalls
        var last = first
        var works = false
        for _ in 0..<Self.rounds where !works && !makers.isEmpty {
            last = try start(profile.allowing(Set(makers.keys)))
            works = last.works
            let more = last.deniedCalls.filter { makers[$0.key] == nil }
            guard !works, !more.isEmpty else { break }
            makers.merge(more) { $0.union($1) }
        }
        guard works else {
            let unfiltered = try start(profile.refusingNothing)
            reason =
                unfiltered.works
                ? "it works without a profile, and allowing what was denied does not mend it: \(last.failure)"
                : "it fails without a profile, too: \(unfiltered.failure)"
            return
        }
        let names = try Bisection.needed(of: makers.keys.sorted()) { names throws(CommandFailure) in
            try start(profile.allowing(Set(names))).works
        }
        needed = names.sorted().map { Call(call: $0, executables: makers[$0, default: []].sorted()) }
        unneeded = makers.keys.filter { !names.contains($0) }.sorted()
    }

    /// What to say, a line each.
    func lines(on terminal: Terminal) -> [String] {
        let starts = NumberText.counted(trials, "start")
        if let reason { return [terminal.styled("not mended", .red) + " after \(starts): \(reason)"] }
        var lines = [
            terminal.styled("mended", .green) + " by allowing \(NumberText.counted(needed.count, "call")) (\(starts)):"
        ]
        lines += needed.map { "  \($0.call), which \($0.executables.joined(separator: " and ")) makes" }
        lines.append("record a run that makes them (ringfence record --merge), and generate the profile again")
        if !unneeded.isEmpty { lines.append("works without: \(unneeded.joined(separator: ", "))") }
        return lines
    }
}
