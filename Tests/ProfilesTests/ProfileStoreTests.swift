// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

/// A profile of the year 2026 with one entry of each kind, small enough to damage at every byte.
func smallProfile() -> BehaviourProfile {
    let start = Date(timeIntervalSince1970: 1_767_225_600)
    let end = start + 60
    var profile = BehaviourProfile(
        key: "command:/usr/bin/web", architecture: .x86_64,
        target: ProfileTarget(kind: .command, name: "web", command: ["web", "--port=80"]),
        environments: [ProfileEnvironment(kernel: "6.18.0", libc: "glibc 2.36")],
        window: ProfileWindow(start: start, end: end))
    let evidence = CallEvidence(phases: [
        "workload": PhaseEvidence(first: start, last: end, executables: ["/usr/bin/web": 12])
    ])
    profile.calls = ["x86_64": ["read": evidence, "accept4": evidence], "i386": ["open": evidence]]
    profile.calls["x86_64"]?["ptrace"] = CallEvidence(phases: evidence.phases, held: "reads other processes")
    profile.ioUring["IORING_OP_READ"] = evidence
    profile.executables["/usr/bin/web"] = ExecutableEvidence(first: start, last: end, phases: ["setup", "workload"])
    profile.arguments["socket.family"] = ArgumentEvidence(values: ["workload": [1, 2, 10]], calls: 7)
    profile.denied["x86_64"] = ["keyctl": DeniedEvidence(errnos: [1], executables: ["/usr/bin/web": 1])]
    profile.decisions = [
        ProfileDecision(
            entry: "calls/x86_64/reboot", verdict: .remove, reason: "by mistake", author: "ann", date: end)
    ]
    return profile
}

private let golden = """
    {
      "architecture": "x86_64",
      "arguments": {
        "socket.family": {"calls": 7, "grewLate": false, "overflowed": false, "runs": 1, "values": {"workload": [1, 2, 10]}}
      },
      "calls": {
        "i386": {
          "open": {"phases": {"workload": {"executables": {"/usr/bin/web": 12}, "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:01:00Z", "runs": 1}}}
        },
        "x86_64": {
          "accept4": {"phases": {"workload": {"executables": {"/usr/bin/web": 12}, "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:01:00Z", "runs": 1}}},
          "ptrace": {"held": "reads other processes", "phases": {"workload": {"executables": {"/usr/bin/web": 12}, "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:01:00Z", "runs": 1}}},
          "read": {"phases": {"workload": {"executables": {"/usr/bin/web": 12}, "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:01:00Z", "runs": 1}}}
        }
      },
      "decisions": [
        {"author": "ann", "date": "2026-01-01T00:01:00Z", "entry": "calls/x86_64/reboot", "reason": "by mistake", "verdict": "remove"}
      ],
      "denied": {
        "x86_64": {
          "keyctl": {"errnos": [1], "executables": {"/usr/bin/web": 1}, "runs": 1}
        }
      },
      "environments": [
        {"kernel": "6.18.0", "libc": "glibc 2.36"}
      ],
      "executables": {
        "/usr/bin/web": {"first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:01:00Z", "phases": ["setup", "workload"], "runs": 1}
      },
      "ioUring": {
        "IORING_OP_READ": {"phases": {"workload": {"executables": {"/usr/bin/web": 12}, "first": "2026-01-01T00:00:00Z", "last": "2026-01-01T00:01:00Z", "runs": 1}}}
      },
      "key": "command:/usr/bin/web",
      "schema": "ringfence.profile/v1",
      "target": {
        "command": ["web", "--port=80"],
        "digests": [],
        "kind": "command",
        "name": "web"
      },
      "window": {
        "counted": true,
        "end": "2026-01-01T00:01:00Z",
        "events": {"delivered": 0, "dropped": 0, "produced": 0, "suppressed": 0},
        "instances": 1,
        "partial": [],
        "runs": 1,
        "start": "2026-01-01T00:00:00Z"
      }
    }

    """

@Suite("ProfileStore")
struct ProfileStoreTests {
    @Test("the file has one entry a line, and is what it always was")
    func goldenFile() throws {
        let bytes = try ProfileStore.encode(smallProfile())
        #expect(String(decoding: bytes, as: UTF8.self) == golden)
        #expect(try ProfileStore.decode(Array(golden.utf8), from: "golden") == smallProfile())
    }

    @Test("what is saved is what is loaded, and the same profile gives the same bytes", arguments: 1...40)
    func roundTrip(seed: UInt64) throws {
        var random = RandomProfile(seed: seed)
        let profile = random.profile()
        let path = temporaryPath()
        defer { _ = unsafe unlink(path) }
        try ProfileStore.save(profile, to: path)
        let loaded = try ProfileStore.load(path)
        #expect(loaded == profile)
        let bytes = try FileBytes.read(path, limit: 1 << 24)
        #expect(try ProfileStore.encode(loaded) == bytes)
        #expect(bytes.last == UInt8(ascii: "\n") && bytes.dropLast().last == UInt8(ascii: "}"))
    }

    @Test("what was put together carelessly can still be saved and read", arguments: 1...20)
    func careless(seed: UInt64) throws {
        var random = RandomProfile(seed: seed)
        var profile = random.profile()
        profile.target.name = "\u{1B}[2J"
        profile.target.digests = ["b", "a", "b"]
        profile.window.start += 0.75
        profile.window.end = profile.window.start - 3600.5
        profile.window.runs = 0
        profile.window.partial = ["b\n", "a", "a"]
        profile.arguments["clone.flags"] = ArgumentEvidence(values: ["workload": [3, 1, 3] + Array(10..<40)])
        profile.denied["i386"] = ["open": DeniedEvidence(errnos: [38, 1, 38], executables: ["/tmp/\u{202E}x": 1])]
        let now = Date()
        profile.executables["/tmp/e\u{301}\r"] = ExecutableEvidence(
            first: now, last: now - 5, phases: ["workload", "setup", "workload"])
        profile.calls["x86_64"]?["ptrace"] = CallEvidence(
            phases: ["workload": PhaseEvidence(runs: 0, first: now, last: .distantPast, executables: ["\u{7}": 3])])
        profile.ioUring["IORING_OP_NOP"] = CallEvidence(phases: [:])
        profile.decisions.append(
            ProfileDecision(entry: "x", verdict: .accept, reason: "two\nlines", author: "ann", date: .distantFuture))
        let bytes = try ProfileStore.encode(profile)
        let read = try ProfileStore.decode(bytes, from: "x")
        #expect(try ProfileStore.encode(read) == bytes)
        #expect(read.target.name == "\\u{001b}[2J" && read.target.digests == ["a", "b"])
        #expect(read.arguments["clone.flags"]?.values["workload"] == [1, 3] + Array(10..<24))
        #expect(read.arguments["clone.flags"]?.overflowed == true)
        #expect(read.executables["/tmp/e\\u{0301}\\u{000d}"]?.phases == ["setup", "workload"])
        #expect(read.calls["x86_64"]?["ptrace"]?.phases["workload"]?.executables == ["\\u{0007}": 3])
    }

    @Test("a time that the form has no room for does not make a file unreadable")
    func times() throws {
        for seconds in [Double.infinity, -Double.infinity, 1e300, -1e300, 253_402_300_800, -62_135_596_801, 0.5, -0.5] {
            var profile = smallProfile()
            profile.window.start = Date(timeIntervalSince1970: seconds)
            profile.window.end = Date(timeIntervalSince1970: seconds)
            let bytes = try ProfileStore.encode(profile)
            #expect(try ProfileStore.encode(ProfileStore.decode(bytes, from: "\(seconds)")) == bytes)
        }
    }

    @Test("another layout of the same JSON is read too, keys with escapes included")
    func otherLayout() throws {
        let text = golden.replacing("\n", with: " \r\n\t").replacing("\"key\"", with: "\"k\\u0065y\"")
        #expect(try ProfileStore.decode(Array(text.utf8), from: "x") == smallProfile())
    }

    @Test("a file cut short anywhere is an error that names it")
    func truncated() throws {
        let bytes = Array(golden.utf8)
        for length in 0..<(bytes.count - 1) {
            let error = try #require(failure(Array(bytes[..<length])), "cut at \(length)")
            #expect(error.description.hasPrefix("cannot read the profile web.json: it is cut short"))
            #expect(isOneLine(error.description))
        }
        #expect(failure(Array(bytes.dropLast())) == nil, "only the final newline is missing")
    }

    @Test("a flipped bit is an error or another valid profile")
    func flipped() {
        let bytes = Array(golden.utf8)
        var refused = 0
        for index in bytes.indices {
            for bit in [0, 3 + index % 2, 5 + index % 3] {
                var flipped = bytes
                flipped[index] ^= 1 << bit
                do throws(ProfileError) {
                    let profile = try ProfileStore.decode(flipped, from: "web.json")
                    #expect(profile.schema == BehaviourProfile.schemaName)
                    #expect((try? ProfileStore.decode(ProfileStore.encode(profile), from: "again")) == profile)
                } catch {
                    refused += 1
                    #expect(isOneLine(error.description), "\(index)")
                }
            }
        }
        #expect(refused > bytes.count * 3 / 2, "names, fields and structure are checked")
    }

    @Test(
        "what is wrong is said, and what to do",
        arguments: [
            (
                "profile/v1", "profile/v2",
                "made by a later version of ringfence (ringfence.profile/v2); upgrade ringfence"
            ),
            ("ringfence.profile/v1", "other/v1", "its schema is \"other/v1\""),
            ("\"schema\"", "\"sch\"", "no schema field"),
            ("\"runs\": 1}", "\"runs\": 1, \"runs\": 2}", "has the key \"runs\" for a second time"),
            ("\"runs\": 1}", "\"runs\": -1}", "runs is less than 1"),
            ("\"runs\": 1}", "\"runs\": \"1\"}", "value of the wrong type"),
            ("\"runs\": 1}", "\"runs\": 1.5}", "it has a number out of range"),
            ("\"calls\": 7", "\"calls\": 18446744073709551616", "it has a number out of range"),
            ("\"workload\": {", "\"worklod\": {", "unknown phase, \"worklod\"; upgrade ringfence"),
            ("\"i386\": {", "\"i486\": {", "unknown ABI of x86_64, \"i486\""),
            ("\"i386\": {", "\"arm\": {", "unknown ABI of x86_64, \"arm\""),
            ("\"accept4\"", "\"accept5\"", "unknown system call, \"accept5\""),
            ("\"IORING_OP_READ\"", "\"IORING_OP_REED\"", "unknown io_uring operation"),
            ("\"held\"", "\"hold\"", "unknown field calls/x86_64/ptrace/hold"),
            ("\"architecture\": \"x86_64\"", "\"architecture\": \"mips\"", "architecture"),
            ("\"key\": \"command:/usr/bin/web\"", "\"key\": \"\"", "key is empty"),
            ("\"key\": \"c", "\"key\": \"\\u001b[2Jc", "control or formatting characters"),
            ("[1, 2, 10]", "[1, 10, 2]", "not sorted"),
            ("[1, 2, 10]", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]", "more than 16 values"),
            ("\"2026-01-01T00:01:00Z\"", "\"yesterday\"", "date"),
            ("\"last\": \"2026-01-01T00:01:00Z\"", "\"last\": \"2025-01-01T00:01:00Z\"", "first after its last"),
            ("\"partial\": [],", "", "window lacks the field partial"),
            ("\"calls\": {\n", "\"calls\": [{\n", "it is not valid JSON, in line 16"),
        ])
    func refused(old: String, new: String, expected: String) throws {
        var text = golden
        let range = try #require(text.firstRange(of: old))
        text.replaceSubrange(range, with: new)
        let error = try #require(failure(Array(text.utf8)))
        #expect(error.description.contains(expected), "\(error)")
        #expect(isOneLine(error.description) && error.description.contains("; "))
    }

    @Test("deeply nested, endless and empty input is an error")
    func hostile() {
        for text in [
            String(repeating: "[", count: 1 << 20), String(repeating: "{\"a\":", count: 1 << 16), "", "\0", "null",
            "[]", "{}",
        ] {
            #expect(failure(Array(text.utf8)) != nil)
        }
        #expect(failure([0xFF, 0xFE, 0x00]) != nil)
    }

    @Test("numbers and times out of all bounds are an error or a value, never a crash")
    func extremes() throws {
        let digits = String(repeating: "9", count: 10_000)
        for number in [
            "1e400", "-1e400", "1e-400", "1E+2", "-0", "-0.0", "00", "01", "-", "1.", ".5", "1e", "1e19", "0.1e1",
            digits,
            "-" + digits, "0." + digits, "1e" + digits, "9223372036854775807", "9223372036854775808", "1e9999999999",
            "NaN",
            "Infinity", "0x10", "true", "null", "\"1\"", "[]", "{}",
        ] {
            for field in ["\"runs\": 1", "\"calls\": 7", "\"instances\": 1", "\"produced\": 0", "[1, 2, 10]"] {
                let value = field.hasPrefix("[") ? "[\(number)]" : field.prefix(while: { $0 != " " }) + " " + number
                let text = golden.replacing(field, with: value)
                #expect(text != golden)
                guard let profile = try? ProfileStore.decode(Array(text.utf8), from: "x") else { continue }
                #expect(
                    try ProfileStore.decode(ProfileStore.encode(profile), from: "x") == profile, "\(field) \(number)")
            }
        }
        for time in [
            "", "Z", "9999999-01-01T00:00:00Z", "2026-13-45T99:99:99Z", "2026-02-30T00:00:00Z", "+2026-01-01T00:00:00Z",
            "-2026-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
            "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00+23:59", "2026-01-01", digits,
        ] {
            let text = golden.replacing("2026-01-01T00:01:00Z", with: time)
            guard let profile = try? ProfileStore.decode(Array(text.utf8), from: "x") else { continue }
            let bytes = try ProfileStore.encode(profile)
            #expect(try ProfileStore.encode(ProfileStore.decode(bytes, from: "x")) == bytes, "\(time)")
        }
    }

    @Test("pieces of a profile in the wrong place are an error or a profile, never a crash", arguments: 1...10)
    func spliced(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            var bytes = Array(golden.utf8)
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let from = Int.random(in: 0..<bytes.count, using: &random)
                let piece = Array(bytes[from..<min(bytes.count, from + Int.random(in: 0..<200, using: &random))])
                let at = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, at + Int.random(in: 0..<200, using: &random))
                bytes.replaceSubrange(at..<end, with: piece)
            }
            guard let error = failure(bytes) else { continue }
            #expect(isOneLine(error.description))
        }
    }

    @Test("a call that is new is one new line")
    func oneLineAnEntry() throws {
        var profile = smallProfile()
        let evidence = profile.calls["x86_64"]?["read"]
        profile.calls["x86_64"]?["openat"] = evidence
        let old = golden.split(separator: "\n")
        let new = String(decoding: try ProfileStore.encode(profile), as: UTF8.self).split(separator: "\n")
        #expect(new.count == old.count + 1)
        #expect(new.filter { !old.contains($0) }.map { $0.prefix(17) } == ["      \"openat\": {"])
    }

    @Test("a huge file is refused by its size")
    func huge() throws {
        let path = temporaryPath()
        try ProfileStore.save(smallProfile(), to: path)
        defer { _ = unsafe unlink(path) }
        #expect(unsafe truncate(path, off_t(ProfileStore.sizeLimit) + 1) == 0)
        let error = try #require(throws: ProfileError.self) { try ProfileStore.load(path) }
        #expect(error.errno == EFBIG && error.reason == "it is larger than 64 MiB, which no profile is")
        #expect(throws: ProfileError.self) {
            try ProfileStore.decode([UInt8](repeating: 0x20, count: ProfileStore.sizeLimit + 1), from: "x")
        }
    }

    @Test("a missing file, a directory and a device are errors with a remedy")
    func unreadable() throws {
        let missing = try #require(throws: ProfileError.self) { try ProfileStore.load("/nonexistent/web.json") }
        #expect(
            missing.description == "cannot read the profile /nonexistent/web.json: No such file or directory; "
                + "check the path, or record it first with `ringfence record -o`")
        #expect(throws: ProfileError.self) { try ProfileStore.load("/tmp") }
        let device = try #require(throws: ProfileError.self) { try ProfileStore.load("/dev/zero") }
        #expect(device.errno == ENOTSUP)
    }

    @Test("a place that cannot be written is an error with a remedy")
    func unwritable() throws {
        let error = try #require(throws: ProfileError.self) {
            try ProfileStore.save(smallProfile(), to: "/nonexistent/web.json")
        }
        #expect(error.step == .write && error.errno == ENOENT && error.remedy.contains("create the directory"))
        #expect(throws: ProfileError.self) { try ProfileStore.save(smallProfile(), to: "/dev/null") }
    }

    private func failure(_ bytes: [UInt8]) -> ProfileError? {
        do throws(ProfileError) {
            _ = try ProfileStore.decode(bytes, from: "web.json")
            return nil
        } catch {
            return error
        }
    }

    private func isOneLine(_ text: String) -> Bool {
        !text.unicodeScalars.contains { $0.value < 0x20 } && text.utf8.count < 500
    }

    private func temporaryPath() -> String { "/tmp/ringfence-profile-\(UInt64.random(in: .min ... .max)).json" }
}
