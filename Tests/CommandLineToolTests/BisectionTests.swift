// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import CommandLineTool

@Suite("Bisection")
struct BisectionTests {
    @Test("finds exactly what is needed, wherever it is, in few trials")
    func minimal() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let all = (0..<Int.random(in: 1...40, using: &random)).map { "call\($0)" }
            let needed = Set(all.shuffled(using: &random).prefix(Int.random(in: 1...min(4, all.count), using: &random)))
            var trials = 0
            let found = try Bisection.needed(of: all) { names throws(CommandFailure) in
                trials += 1
                return needed.isSubset(of: names)
            }
            #expect(Set(found) == needed && found.count == needed.count)
            #expect(trials <= 2 * needed.count * 7 + 2 * needed.count, "\(trials) for \(needed.count) of \(all.count)")
        }
    }

    @Test("where one of two would do, it gives one of them")
    func alternatives() throws {
        let found = try Bisection.needed(of: ["a", "b", "c", "d"]) { names throws(CommandFailure) in
            (names.contains("a") || names.contains("d")) && names.contains("c")
        }
        #expect(Set(found) == ["a", "c"] || Set(found) == ["c", "d"])
    }
}
