// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import Daemon
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite("Configuration")
struct ConfigurationTests {
    private static func read(_ text: String) -> (configuration: Configuration, flaws: [String]) {
        let (configuration, flaws) = ConfigurationReader.read(texts: [("a.conf", Array(text.utf8))])
        return (configuration, flaws.map(\.description))
    }

    private static var installedFile: String {
        #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/systemd/ringfence.conf"
    }

    @Test("the file that is installed is the one that the build generates, and it is the defaults")
    func defaultFile() throws {
        if ProcessInfo.processInfo.environment["RINGFENCE_WRITE_DEFAULTS"] != nil {
            try Data(ConfigurationCheck.defaultFile.utf8).write(to: URL(filePath: Self.installedFile))
        }
        let installed = try String(contentsOfFile: Self.installedFile, encoding: .utf8)
        #expect(installed == ConfigurationCheck.defaultFile)
        #expect(installed.split(separator: "\n").allSatisfy { $0.utf8.count <= 120 })
        let (configuration, flaws) = Self.read(installed)
        #expect(flaws == [])
        #expect(configuration == Configuration())
        // Uncommented, every line is a setting, and still the default.
        let (uncommented, others) = Self.read(installed.replacing("\n#", with: "\n").replacing("\n ", with: "\n# "))
        #expect(others.filter { !$0.contains("Ringfence's") } == [])
        #expect(uncommented == Configuration())
    }

    @Test("every key takes a value with its unit")
    func values() {
        let (configuration, flaws) = Self.read(
            """
            [Daemon]
            StateDirectory = /srv/ringfence/
            Scope=containers+services
            Slots=128
            Subslots=256
            AdminGroup=wheel
            [Learning]
            Window=1h 30min
            Share=2.5%
            Epoch=1s
            WarmUp=500ms
            [Alerts]
            MaxSize=128M
            MaxAge=7d
            Journal=off
            Program=/usr/bin/curl -d @- "https://example.org/a b"
            MinimumSeverity=warning
            [Metrics]
            Socket=none
            Listen=[::1]:9469
            [Kernel]
            WatchDenied=yes
            """)
        #expect(flaws == [])
        #expect(configuration.stateDirectory == "/srv/ringfence")
        #expect(configuration.scope == .containersAndServices)
        #expect(configuration.slots == 128 && configuration.subslots == 256)
        #expect(configuration.adminGroup == "wheel")
        #expect(configuration.window == .seconds(5400) && configuration.epoch == .seconds(1))
        #expect(configuration.warmUp == .milliseconds(500))
        #expect(configuration.share == 0.025)
        #expect(configuration.alertsMaxSize == 128 << 20 && configuration.alertsMaxAge == .seconds(7 * 86_400))
        #expect(!configuration.journal)
        #expect(configuration.program == ["/usr/bin/curl", "-d", "@-", "https://example.org/a b"])
        #expect(configuration.minimumSeverity == .warning)
        #expect(configuration.metricsSocketPath == nil)
        #expect(configuration.metricsListen == LoopbackAddress(isIPv6: true, port: 9469))
        #expect(configuration.watchDenied)
        // What it says of itself is the same configuration again.
        #expect(Self.read(ConfigurationCheck.settings(configuration)).configuration == configuration)
    }

    @Test(
        "a flaw names the file, the line, the cause and what to do",
        arguments: [
            ("[Learning]\nWidow=24h\n", "a.conf:2: unknown key \"Widow\"=; did you mean Window= in [Learning]?"),
            (
                "[Learning]\nWindow=24h\n\nWindow=1h\n",
                "a.conf:4: Window= is set twice, in line 2 too; remove one of the two"
            ),
            ("[Daemon]\nWindow=24h\n", "a.conf:2: Window= is not a key of [Daemon]; move it to [Learning]"),
            ("Window=24h\n", "a.conf:1: \"Window\"= is in no section; put it below a [Section]"),
            ("[Lerning]\nWindow=24h\n", "a.conf:1: unknown section \"[Lerning]\""),
            (
                "[Learning]\nWindow=soon\n",
                "a.conf:2: Window= is \"soon\"; it must be a time from 1s to 365d, as 90s, 10min or 24h"
            ),
            ("[Learning]\nWindow=99999999999999999999h\n", "a.conf:2: Window= is"),
            ("[Learning]\nShare=5\n", "a.conf:2: Share= is \"5\"; it must be a percentage"),
            ("[Learning]\nWindow=10s\nEpoch=1min\n", "a.conf:3: Epoch= is longer than Window="),
            ("[Metrics]\nListen=0.0.0.0:9469\n", "a.conf:2: Listen= is \"0.0.0.0:9469\"; it must be 127.0.0.1:PORT"),
            ("[Daemon]\nStateDirectory=../x\n", "a.conf:2: StateDirectory= is \"../x\"; it must be an absolute path"),
            ("[Daemon]\nnonsense\n", "a.conf:2: \"nonsense\" is neither Key=Value nor [Section]"),
            ("[Daemon]\nSlots=9\\\n# the end", "a.conf:2: the file ends in a line that goes on; remove the backslash"),
            ("[Daemon]\nSlots=10000\n", "a.conf:2: Subslots= must be at least twice Slots=, which is 10000"),
            ("[Daemon]\n\u{0}\n", "a.conf:2: the line is not UTF-8 text"),
        ])
    func flaws(_ text: String, _ expected: String) {
        let (_, flaws) = Self.read(text)
        #expect(flaws.count == 1 && flaws[0].hasPrefix(expected), "\(flaws)")
    }

    @Test("lines are joined as systemd joins them")
    func continuation() {
        let (configuration, flaws) = Self.read(
            "[Alerts]\nProgram=/bin/cat \\\n# a comment between\n; and another\n  -u \\\n  -v\n[Daemon]\nSlots=70\n")
        #expect(flaws == [])
        #expect(configuration.program == ["/bin/cat", "-u", "-v"])
        #expect(configuration.slots == 70)
    }

    @Test("drop-ins override in the order of their names, and an empty value is the default again")
    func dropIns() throws {
        let directory = "/tmp/ringfence-conf-\(UInt64.random(in: .min ... .max))"
        let files = FileManager.default
        try files.createDirectory(atPath: directory + "/r.conf.d", withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: directory) }
        for (name, text) in [
            ("r.conf", "[Learning]\nWindow=1h\nShare=1%\n[Daemon]\nSlots=100\n"),
            ("r.conf.d/20-b.conf", "[Learning]\nWindow=3h\nShare=\n"),
            ("r.conf.d/10-a.conf", "[Learning]\nWindow=2h\n"),
            ("r.conf.d/30-c.conf.bak", "nonsense"), ("r.conf.d/.hidden.conf", "nonsense"),
        ] { try Data(text.utf8).write(to: URL(filePath: directory + "/" + name)) }
        let outcome = ConfigurationCheck.run(directory + "/r.conf")
        #expect(outcome.exitCode == 0 && outcome.errors == "")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.contains("Window=3h") && lines.contains("Share=5%") && lines.contains("Slots=100"))
        #expect(outcome.output.hasPrefix("# from \(directory)/r.conf\n# from \(directory)/r.conf.d/10-a.conf\n"))

        try Data("[Learning]\nWindw=1h\n".utf8).write(to: URL(filePath: directory + "/r.conf.d/20-b.conf"))
        let bad = ConfigurationCheck.run(directory + "/r.conf")
        #expect(bad.exitCode == 78 && bad.output == "")
        #expect(
            bad.errors
                == "ringfenced: \(directory)/r.conf.d/20-b.conf:2: unknown key \"Windw\"=; did you mean Window= in [Learning]?\n"
        )
        #expect(ConfigurationCheck.run(directory + "/none.conf").exitCode == 78)
    }

    @Test("5,000 random mutations of valid files are a configuration, or flaws with their lines")
    func mutations() {
        let bases = [
            ConfigurationCheck.defaultFile, ConfigurationCheck.settings(Configuration()),
            "[Alerts]\nProgram=/bin/cat \\\n  -u \"a b\"\nMaxSize=64M\n[Learning]\nWindow=1h 30min\nShare=2.5%\n",
        ].map { Array($0.utf8) }
        var random = SystemRandomNumberGenerator()
        var accepted = 0
        for _ in 0..<5000 {
            var bytes = bases.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                guard !bytes.isEmpty else { break }
                let position = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: position)
                case 2:
                    bytes.insert(Array("\\[]=#;\"'\n\r \u{0}%9-".utf8).randomElement(using: &random) ?? 0, at: position)
                case 3: bytes.removeSubrange(position..<min(bytes.count, position + 40))
                case 4: bytes.insert(contentsOf: bytes[position..<min(bytes.count, position + 60)], at: position)
                default: bytes.insert(contentsOf: repeatElement(UInt8(ascii: "9"), count: 30), at: position)
                }
            }
            let (configuration, flaws) = ConfigurationReader.read(texts: [("a.conf", bytes)])
            let lines = bytes.count { $0 == 0x0A } + 1
            for flaw in flaws {
                #expect((1...lines).contains(flaw.line))
                #expect(!flaw.reason.isEmpty && !flaw.description.contains("\n"))
            }
            guard flaws.isEmpty else { continue }
            accepted += 1
            // What was taken can be written and read again.
            let again = ConfigurationReader.read(texts: [
                ("b.conf", Array(ConfigurationCheck.settings(configuration).utf8))
            ])
            #expect(again.flaws.isEmpty && again.configuration == configuration, "\(configuration) \(again.flaws)")
        }
        #expect(accepted > 100 && accepted < 4900)
    }

    @Test("a file of risk weights is read with the configuration, and its flaws are told with file and line")
    func weights() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("[Risk]\nWeightsFile=\(directory.file("w.conf"))\n", to: "a.conf")
        let missing = ConfigurationReader.read(file, isOptional: false).flaws.map(\.description)
        #expect(missing.count == 1 && missing[0].hasPrefix("\(directory.file("w.conf")): cannot read it: "))
        try directory.write("# own\n5 privileged  x\n101 device  x\n", to: "w.conf")
        #expect(
            ConfigurationReader.read(file, isOptional: false).flaws.map(\.description) == [
                "\(directory.file("w.conf")):3: \"101\" is no number of points; write a whole number from 0 to 100"
            ])
        #expect(ConfigurationCheck.run(file).exitCode == 78)
        try directory.write("5 privileged  x\n", to: "w.conf")
        let (read, files, flaws) = ConfigurationReader.read(file, isOptional: false)
        #expect(flaws.isEmpty && files == [file, directory.file("w.conf")])
        #expect(read.riskWeights["privileged"]?.points == 5 && read.riskWeights.count == 1)
    }
}
