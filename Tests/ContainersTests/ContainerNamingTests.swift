// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import TestSupport
import Testing

@testable import Containers

@Suite("ContainerNaming")
struct ContainerNamingTests {
    private static let millisecond: UInt64 = 1_000_000

    private func id(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }

    private func naming(_ root: TemporaryDirectory, _ limits: ContainerNaming.Limits = .init()) -> ContainerNaming {
        var options = ContainerIndex.Options()
        options.root = root.path
        return ContainerNaming(index: ContainerIndex(options: options, hierarchy: nil), limits: limits)
    }

    private func write(_ number: Int, in root: TemporaryDirectory) throws {
        try root.write(
            #"{"ID":"\#(id(number))","Name":"/web-\#(number)"}"#,
            to: "var/lib/docker/containers/\(id(number))/config.v2.json")
    }

    @Test("what has its state is named at once, units are named by their path, slices are not waited for")
    func atOnce() throws {
        let root = try TemporaryDirectory()
        try write(1, in: root)
        var naming = naming(root)
        let named = naming.appeared(7, path: "/docker/\(id(1))", now: 0)
        #expect(named?.state == .named && named?.container?.name == "web-1" && named?.cgroupID == 7)
        #expect(naming.appeared(8, path: "/system.slice/nginx.service", now: 0)?.container?.engine == .systemd)
        let slice = naming.appeared(9, path: "/system.slice", now: 0)
        #expect(slice?.state == .unknown && slice?.container == nil)
        #expect(naming.appeared(1, path: "/", now: 0)?.container == nil)
        #expect(naming.waitingCount == 0 && naming.nextRetry == nil && naming.retry(now: .max).isEmpty)
    }

    @Test("what is written later is named by a retry, at growing intervals")
    func later() throws {
        let root = try TemporaryDirectory()
        try root.makeDirectory("var/lib/docker/containers")
        var naming = naming(root)
        #expect(naming.appeared(7, path: "/docker/\(id(1))", now: 0) == nil && naming.waitingCount == 1)
        #expect(naming.nextRetry == 5 * Self.millisecond)
        #expect(naming.retry(now: 4 * Self.millisecond).isEmpty && naming.counters.tries == 1)
        #expect(naming.retry(now: 5 * Self.millisecond).isEmpty && naming.counters.tries == 2)
        #expect(naming.nextRetry == 15 * Self.millisecond)
        try write(1, in: root)
        let results = naming.retry(now: 15 * Self.millisecond)
        #expect(results.map(\.state) == [.named] && results.first?.container?.name == "web-1")
        #expect(naming.waitingCount == 0 && naming.removed(7, now: 20 * Self.millisecond) == nil)
    }

    @Test("a file that is half-written is read again, and one that stays so does not keep the name back for ever")
    func interrupted() throws {
        let root = try TemporaryDirectory()
        let store = "var/lib/containers/storage/overlay-containers"
        try root.write("[{\"id\":\"\(id(1))\",\"names\":[\"cache\"]}]", to: store + "/containers.json")
        let config = "\(store)/\(id(1))/userdata/config.json"
        try root.write(#"{"process":{"args":["/ca"#, to: config)
        var naming = naming(root)
        let path = "/libpod_parent/libpod-\(id(1))"
        #expect(naming.appeared(7, path: path, now: 0) == nil)
        try root.write(#"{"process":{"args":["/cache"]}}"#, to: config)
        #expect(naming.happened(in: 7, now: 1)?.container?.command == ["/cache"])
        try root.write("{", to: config)
        #expect(naming.appeared(8, path: path, now: 0) == nil)
        var results: [NamedCgroup] = []
        while let next = naming.nextRetry, naming.counters.tries < 100 { results += naming.retry(now: next) }
        #expect(results.map(\.state) == [.named] && results.first?.container?.name == "cache")
    }

    @Test("a process that joins or executes is a reason to look at once")
    func happened() throws {
        let root = try TemporaryDirectory()
        try root.makeDirectory("run/crun")
        var naming = naming(root)
        #expect(naming.appeared(7, path: "/two", now: 0) == nil)
        #expect(naming.happened(in: 7, now: 1) == nil && naming.happened(in: 8, now: 1) == nil)
        try root.write(#"{"pid":8,"cgroup-path":"/two"}"#, to: "run/crun/two/status")
        let result = naming.happened(in: 7, now: 2)
        #expect(result?.state == .named && result?.container?.engine == .crun && naming.waitingCount == 0)
    }

    @Test("an engine that was started later is found, and engines are not looked for more often than allowed")
    func newEngine() throws {
        let root = try TemporaryDirectory()
        var naming = naming(root)
        #expect(naming.appeared(7, path: "/docker/\(id(1))", now: 0) == nil)
        try write(1, in: root)
        #expect(naming.happened(in: 7, now: 1) == nil, "the engine's directory is new")
        #expect(naming.retry(now: 20 * Self.millisecond).map(\.state) == [.named])
        for number in 2..<50 {
            #expect(naming.appeared(UInt64(number) + 10, path: "/docker/\(id(number))", now: 0) == nil)
            _ = naming.retry(now: 20 * Self.millisecond + UInt64(number) * 20 * Self.millisecond)
        }
        #expect(naming.counters.refreshes == 1)
    }

    @Test("what is never named gives one result, after bounded tries, and keeps its id as name")
    func unknown() throws {
        var naming = naming(try TemporaryDirectory())
        #expect(naming.appeared(7, path: "/docker/\(id(1))/inner", now: 0) == nil)
        #expect(naming.appeared(8, path: "/somebody", now: 0) == nil)
        var results: [NamedCgroup] = []
        var now: UInt64 = 0
        while let next = naming.nextRetry, naming.counters.tries < 1000 {
            now = next
            results += naming.retry(now: now)
        }
        #expect(naming.counters.tries == 26 && (5..<10).contains(now / 1_000_000_000))
        #expect(results.map(\.state) == [.unknown, .unknown])
        #expect(results.map(\.container?.name) == [id(1), nil] && naming.counters.unknown == 2)
    }

    @Test("what is removed before it could be named is tried a last time, else it is gone with its id as name")
    func gone() throws {
        let root = try TemporaryDirectory()
        try root.makeDirectory("var/lib/docker/containers")
        var naming = naming(root)
        #expect(naming.appeared(1, path: "/docker/\(id(1))", now: 0) == nil)
        #expect(naming.appeared(2, path: "/docker/\(id(2))", now: 0) == nil)
        try write(2, in: root)
        let gone = naming.removed(1, now: 1)
        #expect(gone?.state == .gone && gone?.container?.name == id(1) && gone?.container?.engine == .docker)
        #expect(naming.removed(2, now: 1)?.state == .named)
        #expect(
            naming.counters.gone == 1 && naming.counters.named == 1 && naming.nextRetry == nil)
        #expect(naming.retry(now: .max).isEmpty)
    }

    @Test("waiting is bounded, and what has no room is counted")
    func bounded() throws {
        var limits = ContainerNaming.Limits()
        limits.waiting = 10
        limits.triesAtOnce = 4
        var naming = naming(try TemporaryDirectory(), limits)
        let results = (1...100).compactMap { naming.appeared(UInt64($0), path: "/docker/\(id($0))", now: 0) }
        #expect(naming.waitingCount == 10 && results.count == 90 && naming.counters.overflowed == 90)
        #expect(results.allSatisfy { $0.state == .unknown && $0.container?.id.utf8.count == 64 })
        let before = naming.counters.tries
        _ = naming.retry(now: 1_000 * Self.millisecond)
        #expect(naming.counters.tries == before + 4)
        #expect(naming.nextRetry.map { $0 <= 1_000 * Self.millisecond } == true, "the rest is still due")
    }

    @Test("a cgroup below a named container's is named without reading anything, until the container is removed")
    func inner() throws {
        let root = try TemporaryDirectory()
        try write(1, in: root)
        var naming = naming(root)
        let path = "/docker/\(id(1))"
        #expect(naming.appeared(7, path: path, now: 0)?.state == .named)
        for number in 0..<100 {
            let inner = naming.appeared(100 + UInt64(number), path: "\(path)/system.slice/x\(number).service", now: 0)
            #expect(inner?.container?.name == "web-1" && inner?.container?.cgroupPath == path)
        }
        #expect(naming.counters.tries == 1)
        #expect(naming.removed(7, now: 1) == nil)
        #expect(naming.appeared(300, path: path + "/late", now: 2)?.state == .named && naming.counters.tries == 2)
    }

    @Test(
        "1,000 containers that come and go at once are all attributed, whether named in time or not, and nothing is kept"
    )
    func thousand() throws {
        let root = try TemporaryDirectory()
        try root.makeDirectory("var/lib/docker/containers")
        var naming = naming(root)
        var results: [UInt64: NamedCgroup] = [:]
        func take(_ result: NamedCgroup?) {
            guard let result else { return }
            #expect(results.updateValue(result, forKey: result.cgroupID) == nil, "one result each")
        }
        for number in 1...1000 {
            let now = UInt64(number) * Self.millisecond
            // A third has its state at once, a third soon, and a third is gone before that.
            if number % 3 == 0 { try write(number, in: root) }
            take(naming.appeared(UInt64(number), path: "/docker/\(id(number))", now: now))
            if number > 10, number % 3 == 1 { try write(number - 9, in: root) }
            naming.retry(now: now).forEach { take($0) }
            if number > 40 { take(naming.removed(UInt64(number - 40), now: now)) }
        }
        for number in 961...1000 { take(naming.removed(UInt64(number), now: 2_000 * Self.millisecond)) }
        #expect(
            results.count == 1000 && naming.waitingCount == 0 && naming.nextRetry == nil)
        for (cgroup, result) in results { #expect(result.container?.id == id(Int(cgroup))) }
        let counters = naming.counters
        #expect(counters.named + counters.gone == 1000 && counters.gone > 300 && counters.named > 600)
        #expect(counters.refreshes <= 2 && counters.tries < 10_000)
    }

    @Test("naming one of 3,000 stored Podman containers reads one entry and not three thousand")
    func large() throws {
        let root = try TemporaryDirectory()
        let store = "var/lib/containers/storage/overlay-containers"
        let entries = (1...3000).map { #"{"id":"\#(id($0))","names":["pod-\#($0)"],"metadata":"{\"name\":\"}{\"}"}"# }
        try root.write("[" + entries.joined(separator: ",") + "]", to: store + "/containers.json")
        for number in [1, 1500, 3000] { try root.write("{}", to: "\(store)/\(id(number))/userdata/config.json") }
        var naming = naming(root)
        for number in [1, 1500, 3000] {
            let result = naming.appeared(UInt64(number), path: "/libpod_parent/libpod-\(id(number))", now: 0)
            #expect(result?.container?.name == "pod-\(number)")
        }
    }
}
