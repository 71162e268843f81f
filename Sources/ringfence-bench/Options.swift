// SPDX-License-Identifier: Apache-2.0

/// The options of a verb.
struct Options {
    static let usage = """
        usage: ringfence-bench ladder|start|build|hotpath|all [--format table|json] [--rounds N] [--ringfence PATH]

          ladder   what one call costs under each kind of watching, in interleaved rounds
          start    how long a recording takes to begin, and its memory
          build    a build full of short processes, plain and recorded in turn
          hotpath  what judging one record costs: time, instructions (with valgrind) and allocations
          all      all of these

          --rounds N         rounds of the ladder and the hot path, pairs of the build (default 5)
          --ringfence PATH   the program under test (default .build/release/ringfence)

        Run it as root (hotpath needs no rights) on a release build. A missed target is said, and is no failure.

        """

    var isJSON = false
    var rounds = 5
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
            case "--ringfence": ringfence = value
            default: throw .usage("'\(word) \(value)' is no option; see --help")
            }
        }
    }

    /// The path of the program under test, if it is there.
    func program() throws(BenchmarkError) -> String {
        guard Child.isInstalled(ringfence) else {
            throw .unavailable("\(ringfence) is not there; run swift build -c release, or name it with --ringfence")
        }
        return ringfence
    }
}
