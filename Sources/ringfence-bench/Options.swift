// SPDX-License-Identifier: Apache-2.0

/// The options of a verb.
struct Options {
    static let usage = """
        usage: ringfence-bench ladder|network|start|build|hotpath|exec|daemon|seccomp|all [--format table|json] [--rounds N]
                               [--part idle|fleet|redis] [--ringfence PATH]

          ladder   what one call costs under each kind of watching, interleaved within each block
          network  what a datagram, a connection and a query for a name cost while the network is watched
          start    how long a recording takes to begin, and its memory
          build    a build full of short processes, plain and recorded in turn
          hotpath  what judging one record costs: time, instructions (with valgrind) and allocations
          exec     what executing a program costs, plain and watched in turn
          daemon   what a daemon costs idle and with 100 containers, how soon it alerts, and what redis loses under it
          seccomp  how long a profile of 100 calls takes to make, and what its filter costs each call
          all      all of these

          --rounds N         blocks of the ladder and of the network (default 12), pairs of the build (7) and of exec (12),
                             rounds of the hot path (5), of redis (8) and of seccomp (12)
          --part PART        only that of the daemon's measurements
          --ringfence PATH   the program under test (default .build/release/ringfence); ringfenced lies beside it

        Run it as root (hotpath and seccomp need no rights) on a release build, and nothing else that watches calls meanwhile. A target
        is met or missed only if the whole interval of 95 % is on one side of it (and no fewer than 6 rounds were made),
        else undecided; none of that is a failure.

        """

    var isJSON = false
    /// Nil if it was not given.
    var rounds: Int?
    var parts = DaemonBenchmark.Part.allCases
    var ringfence = ".build/release/ringfence"

    init(_ words: [String]) throws(BenchmarkError) {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let value = rest.popFirst() else { throw .usage("\(word) is unknown or needs a value; see --help") }
            switch word {
            case "--format" where value == "table" || value == "json": isJSON = value == "json"
            case "--rounds":
                guard let count = Int(value), (1...1000).contains(count) else {
                    throw .usage("--rounds is '\(value)', but must be a number from 1 to 1000")
                }
                rounds = count
            case "--part":
                guard let part = DaemonBenchmark.Part(rawValue: value) else {
                    throw .usage("--part is '\(value)', but must be idle, fleet or redis")
                }
                parts = [part]
            case "--ringfence": ringfence = value
            default: throw .usage("'\(word) \(value)' is no option; see --help")
            }
        }
    }

    /// Both programs, if they are there.
    func daemonPrograms() throws(BenchmarkError) -> DaemonPrograms {
        let programs = DaemonPrograms(ringfence: try program(), ringfenced: ringfence + "d")
        guard Child.isInstalled(programs.ringfenced) else {
            throw .unavailable("\(programs.ringfenced) is not there; run swift build -c release")
        }
        return programs
    }

    /// The path of the program under test, if it is there.
    func program() throws(BenchmarkError) -> String {
        guard Child.isInstalled(ringfence) else {
            throw .unavailable("\(ringfence) is not there; run swift build -c release, or name it with --ringfence")
        }
        return ringfence
    }
}
