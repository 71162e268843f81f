// SPDX-License-Identifier: Apache-2.0
import Profiles
import Testing

@Suite("Profile quota")
struct ProfileQuotaTests {
    private let id = String(repeating: "0f", count: 32)

    /// Counts profiles until one is refused; how many there were room for.
    private func fill(_ quota: inout ProfileQuota, _ key: (Int) -> String) -> Int {
        var count = 0
        while quota.refusal(of: key(count)) == nil, count < 1000 {
            quota.count(key(count))
            count += 1
        }
        return count
    }

    @Test("an owner is what begins the key: a user, nobody for a bare id, else root")
    func owners() {
        func owner(_ key: String) -> String { ProfileQuota.Owner(ofKey: key).description }
        #expect(owner("uid1000/docker:web") == "uid1000")
        #expect(owner(id) == "unnamed" && owner("uid1000/\(id)") == "uid1000")
        // What only looks like one of these is root's: nobody gets room of his own by the name of an image.
        for key in [
            "uid1000", "uidx/web", "uid/web", "uid-1/web", "docker:web", String(id.dropLast()), id.uppercased(),
        ] {
            #expect(owner(key) == "root", "\(key)")
        }
    }

    @Test("root may have three quarters, every other owner an eighth, and nobody more than there are")
    func shares() {
        var quota = ProfileQuota(limit: 80, keys: [])
        let user = fill(&quota) { "uid7/\($0)" }
        #expect(user == 10 && quota.refusal(of: "uid7/more")?.contains("uid7 has 10 profiles") == true)
        #expect(quota.refusal(of: "uid8/one") == nil, "one owner's share is not another's")
        let root = fill(&quota) { "docker:\($0)" }
        let unnamed = fill(&quota) { String(repeating: "a", count: 60) + "\(1000 + $0)" }
        #expect(root == 60 && unnamed == 10)
        // 80 in all: there is none left for an owner that has none.
        #expect(quota.refusal(of: "uid8/one")?.contains("80 profiles already") == true)
        quota.count("uid7/3", isThere: false)
        #expect(quota.refusal(of: "uid8/one") == nil && quota.refusal(of: "uid7/3") == nil)
    }

    @Test("profiles that are there already count, whoever has too many of them")
    func existing() {
        let quota = ProfileQuota(limit: 16, keys: (0..<5).map { "uid7/\($0)" } + ["docker:web"])
        #expect(quota.refusal(of: "uid7/5") != nil && quota.refusal(of: "docker:db") == nil)
    }

    @Test("each key's refusal is counted and told once")
    func refusals() {
        var quota = ProfileQuota(limit: 8, keys: [])
        let told = (0..<3).map { _ in ["uid7/a", "uid7/b", "docker:web"].map { quota.countRefused($0) } }
        #expect(told == [[true, true, true], [false, false, false], [false, false, false]])
        #expect(
            Dictionary(uniqueKeysWithValues: quota.refused.map { ($0.key.description, $0.value) })
                == ["uid7": 2, "root": 1])
    }
}
