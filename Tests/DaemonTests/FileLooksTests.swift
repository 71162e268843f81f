// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Daemon

@Suite("Looks at executables' files")
struct FileLooksTests {
    @Test("a file is looked at until its origin was found, and not without end")
    func limit() {
        var looks = FileLooks()
        looks.note(1, found: false)
        let again = looks.isDue(1)
        looks.note(1, found: true)
        #expect(again && !looks.isDue(1) && looks.isDue(2))
        let due = (0..<FileLooks.limit + 3).map { _ in
            defer { if looks.isDue(2) { looks.note(2, found: false) } }
            return looks.isDue(2)
        }
        #expect(due.count { $0 } == FileLooks.limit && due.last == false)
    }

    @Test("what has the place of an executable that is gone is looked at anew")
    func forgotten() {
        var looks = FileLooks()
        for sub in UInt32(1)...2 { looks.note(sub, found: true) }
        looks.forget([1])
        #expect(looks.isDue(1) && !looks.isDue(2))
    }
}
