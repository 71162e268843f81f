// SPDX-License-Identifier: Apache-2.0

/// The options of a verb.
struct Options {
    static let usage = """
        usage: ringfence-bench ladder|start|build|all [--format table|json] [--rounds N] [--ringfence PATH]

          ladder   what one call costs under each kind of watching, interleaved within each block
          start    how long a recording takes to begin, and its memory
          build    a build full of short processes, plain and recorded in turn
          all      all of these

          --rounds N         blocks of the ladder (default 12) and pairs of the build (default 7)
          --ringfence PATH   the program under test (default .build/release/ringfence)

        Run it as root on a release build, and nothing else that watches calls meanwhile. A target is met or missed only
        if the whole interval of 95 % is on one side of it, and there are at least 6 rounds; else it is undecided.
        None of that is a failure.

        """

    var isJSON = false
    /// Nil if it was not given.
    var rounds: Int?
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
