// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Containers

@Suite("CgroupPath")
struct CgroupPathTests {
    @Test("every path of the fixture is told as the fixture says")
    func golden() throws {
        let lines = try fixture("cgroup-paths.txt").split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count > 50)
        for line in lines {
            let halves = line.split(separator: " | ").map(String.init)
            try #require(halves.count == 2, "\(line)")
            let found = CgroupPath(halves[0]).map {
                "\($0.engine.rawValue) \($0.kind.rawValue) \($0.id) \($0.innerPath.isEmpty ? "-" : $0.innerPath)"
            }
            #expect(found ?? "none" == halves[1], "\(halves[0])")
            if let parsed = CgroupPath(halves[0]) { #expect(parsed.containerPath + parsed.innerPath == halves[0]) }
        }
    }
}
