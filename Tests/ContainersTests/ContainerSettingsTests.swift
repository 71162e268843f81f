// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Containers

@Suite("ContainerSettings")
struct ContainerSettingsTests {
    private func settings(_ labels: [String: String], owner: UInt32 = 0, inherited: Set<String> = [])
        -> ContainerSettings
    {
        var container = ContainerDescription(id: "1", name: "web", engine: .docker)
        container.setLabels(labels)
        container.owner = owner
        container.inheritedLabels = inherited
        return ContainerSettings(container)
    }

    @Test("labels give key, mode and window")
    func reads() {
        let found = settings([
            "ringfence.profile": "shop", "ringfence.mode": "learn", "ringfence.window": "1h30m", "a": "b",
        ])
        #expect(found.profile == "shop" && found.mode == .learn && found.window == .seconds(5400))
        #expect(found.complaints.isEmpty && settings([:]) == settings(["ringfences.mode": "x"]))
    }

    @Test(
        "a duration is a sum of numbers with units",
        arguments: [
            ("1s", 1), ("90s", 90), ("24h", 86_400), ("7d", 604_800), ("1d1s", 86_401), ("3650d", 315_360_000),
            ("0s", nil),
            ("", nil), ("5", nil), ("h", nil), ("-1h", nil), ("1.5h", nil), ("1w", nil), ("3650d1s", nil),
            ("99999999999999999999s", nil), ("1h ", nil), ("١h", nil),
        ] as [(String, Int?)])
    func durations(text: String, seconds: Int?) {
        #expect(ContainerSettings.duration(text) == seconds.map { .seconds($0) })
    }

    @Test("what cannot be used is put into words, has no effect and spoils nothing else")
    func complains() {
        let found = settings([
            "ringfence.mode": "of\u{1b}f", "ringfence.window": "soon", "ringfence.profile": "",
            "ringfence.other": String(repeating: "x", count: 10_000),
        ])
        #expect(found.mode == nil && found.window == nil && found.profile == nil)
        #expect(
            found.complaints == [
                "the label ringfence.mode=of\\u{001b}f is ignored: it is learn, monitor or off",
                "the label ringfence.other=\(String(repeating: "x", count: 64)) is ignored: there is no such label; "
                    + "known are ringfence.profile, .mode and .window",
                "the label ringfence.profile= is ignored: a key is 1 to 256 bytes of printable text",
                "the label ringfence.window=soon is ignored: a window is a number and s, m, h or d, 1s to 3650d, for "
                    + "example 24h",
            ])
        let many = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("ringfence.\($0)", "x") })
        #expect(settings(many).complaints.count == 16)
        for key in ["a\u{202e}b", "a\nb", "..", ".", String(repeating: "k", count: 257)] {
            #expect(settings(["ringfence.profile": key]).profile == nil)
        }
    }

    @Test("an image's own label decides nothing")
    func distrustsImages() {
        let labels = ["ringfence.mode": "off", "ringfence.profile": "shop"]
        let found = settings(labels, inherited: ["ringfence.mode", "ringfence.profile"])
        #expect(found.mode == nil && found.profile == nil && found.complaints.count == 2)
        #expect(found.complaints[0].hasSuffix("it comes with the image; set it on the container"))
    }

    @Test("a user cannot take a container out of what is watched, nor file it under another's key")
    func distrustsUsers() {
        #expect(settings(["ringfence.mode": "off"], owner: 1000).mode == nil)
        #expect(settings(["ringfence.mode": "learn", "ringfence.window": "3650d"], owner: 1000).complaints.count == 2)
        // Without a profile, what is never learned is hardly watched.
        #expect(settings(["ringfence.mode": "monitor"], owner: 1000).mode == nil)
        #expect(settings(["ringfence.mode": "monitor"], owner: 0).mode == .monitor)
        var container = ContainerDescription(id: "1", name: "web", engine: .podman)
        container.setLabels(["ringfence.profile": "shop"])
        #expect(ProfileKey(container).text == "shop")
        container.owner = 1000
        #expect(ProfileKey(container).text == "uid1000/shop")
    }
}
