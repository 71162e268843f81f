// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Profiles
import TestSupport
import Testing

@Suite("Merging runs")
struct RunMergeTests {
    private func sources(_ seed: UInt64, _ count: Int) -> [RunMerge.Source] {
        var random = RandomProfile(seed: seed)
        return (0..<count).map { RunMerge.Source(name: "\($0).json", profile: random.profile()) }
    }

    private func merge(_ sources: [RunMerge.Source], key: String? = nil) throws -> BehaviourProfile {
        try RunMerge.merge(sources, key: key).profile
    }

    @Test("the order in which profiles are given makes no difference at all", arguments: 1...6)
    func order(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let sources = sources(seed, 4)
        let expected = try ProfileStore.encode(merge(sources))
        for _ in 0..<2 {
            #expect(try ProfileStore.encode(merge(sources.shuffled(using: &generator))) == expected)
        }
    }

    @Test("a profile counts once, however often it is given, alone or as part of another", arguments: 1...6)
    func idempotent(_ seed: UInt64) throws {
        let sources = sources(seed, 3)
        let all = try merge(sources)
        #expect(try merge(sources + sources) == all)
        let merged = RunMerge.Source(name: "all.json", profile: all)
        #expect(try merge([merged]) == all)
        let again = try RunMerge.merge(sources + [merged])
        #expect(again.profile == all && again.repeated == ["0.json", "1.json", "2.json"])
        #expect(all.window.runs == sources.reduce(0) { $0 + $1.profile.window.runs })
        #expect(all.window.units?.count == 3)
        // What went through a file is the same.
        let read = try ProfileStore.decode(ProfileStore.encode(all), from: "all.json")
        #expect(read == all)
        #expect(try merge([.init(name: "x", profile: read)] + sources) == all)
    }

    @Test("recordings that look alike are two, and one that was added by merging into a file is known")
    func alike() throws {
        let (first, second) = (recording("aa"), recording("bb"))
        let twins = try merge([.init(name: "1", profile: first), .init(name: "2", profile: second)])
        #expect(twins.window.runs == 2 && twins.window.units == ["aa", "bb"])
        let added = try ProfileMerge.merge(second, into: first).merged
        #expect(added.window.units == ["aa", "bb"])
        let again = try RunMerge.merge([.init(name: "1", profile: first), .init(name: "all", profile: added)])
        #expect(again.profile.window.runs == 2 && again.repeated == ["1"])
        // The daemon's do not say.
        #expect(try ProfileMerge.merge(smallProfile(), into: first).merged.window.units == nil)
        #expect(ProfileWindow.newUnit() != ProfileWindow.newUnit() && ProfileWindow.newUnit().count == 16)
    }

    private func recording(_ unit: String) -> BehaviourProfile {
        var profile = smallProfile()
        profile.window.units = [unit]
        return profile
    }

    @Test("the result covers every part of it", arguments: 1...5)
    func superset(_ seed: UInt64) throws {
        var random = RandomProfile(seed: seed, decided: false)
        let sources = (0..<3).map { RunMerge.Source(name: "\($0)", profile: random.profile()) }
        let all = try merge(sources)
        for source in sources {
            let rest = ProfileAdditions(of: source.profile, against: all)
            // Peers become prefixes, and full lists of argument values are cut.
            #expect(rest.calls.isEmpty && rest.ioUring.isEmpty && rest.executables.isEmpty, "\(rest.lines)")
        }
    }

    @Test("profiles that have a part in common cannot be added up, and both are named")
    func overlap() throws {
        let sources = sources(3, 3)
        let left = RunMerge.Source(name: "left.json", profile: try merge([sources[0], sources[1]]))
        let right = RunMerge.Source(name: "right.json", profile: try merge([sources[1], sources[2]]))
        let error = try #require(throws: ProfileError.self) { try merge([left, right]) }
        #expect(error.description.contains("left.json") && error.description.contains("right.json"))
        #expect(error.description.contains("merge the single recordings"))
    }

    @Test("different keys need one for the result, different machines never fit")
    func keys() throws {
        var other = sources(4, 2)
        var profile = other[1].profile
        profile.key = "docker:other"
        other[1] = RunMerge.Source(name: "other.json", profile: profile)
        let error = try #require(throws: ProfileError.self) { try merge(other) }
        #expect(error.remedy.contains("--as"))
        #expect(try merge(other, key: "web").key == "web")
        profile.architecture = .arm64
        profile.calls = [:]
        other[1] = RunMerge.Source(name: "arm.json", profile: profile)
        #expect(throws: ProfileError.self) { try merge(other, key: "web") }
        #expect(throws: ProfileError.self) { try merge([]) }
    }
}
