// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc
import Platform
import TestSupport
import Testing

/// A container, cut off from every network, whose only program uses the addresses that it is told to.
final class NetworkContainer {
    /// What the profile of all of them is filed under.
    static let key = "rf-busybox /run/network"
    /// What each of them does all the time.
    static let habit =
        "hasty=127.0.0.1=9 hasty=::1=9 udp=127.0.0.1=9 udp=::1=9 udp=192.0.2.53=53 listen=127.0.0.1=5017 "
        + "bind=0.0.0.0=5018 unix=/run/app"

    let name = "rf-net-\(UInt32.random(in: 0 ... .max))"
    private let workspace: Workspace
    private let input: CInt
    private let run: Background

    init() throws {
        workspace = try Workspace()
        let program = try #require(TestProgram.network.path, "cannot compile the test program")
        let fifo = workspace.file("words")
        _ = unsafe mkfifo(fifo, 0o644)
        input = unsafe open(fifo, O_RDWR | O_CLOEXEC)
        run = try Background(
            Engine.docker.command(
                Engine.Container(
                    name: name, image: "busybox", words: ["/run/network", "lines=/run/words"],
                    programs: ["network": program],
                    // The engine's filter refuses some socket families before anybody sees them asked for.
                    options: ["-v", "\(fifo):/run/words", "--security-opt", "seccomp=unconfined"]), in: workspace))
    }

    /// Has it do the words of `network.c`.
    func tell(_ words: String) {
        let bytes = Array((words + "\n").utf8)
        // SAFETY: the kernel reads the buffer within the call.
        _ = unsafe write(input, bytes, bytes.count)
    }

    /// Its program's process id, once it runs.
    private var pid: String {
        get throws {
            let inspect = ["/usr/bin/docker", "inspect", "-f", "{{.State.Pid}}", name]
            var pid = "0"
            let runs = try Shell.eventually {
                pid = try Shell.run(inspect, environment: Engine.environment).output.filter(\.isNumber)
                return !pid.isEmpty && pid != "0"
            }
            try #require(runs, "the container does not start")
            return pid
        }
    }

    /// Waits until it has done what it was told: it then reads what it is told next.
    func waitUntilIdle() throws {
        let file = "/proc/\(try pid)/io"
        func reads() -> UInt64 {
            let text = String(decoding: (try? FileBytes.read(file, limit: 4096)) ?? [], as: UTF8.self)
            let line = text.split(separator: "\n").first { $0.hasPrefix("syscr:") }
            return line.flatMap { UInt64($0.dropFirst(7)) } ?? 0
        }
        // The first of them may be read together with what came before.
        for _ in 0..<2 {
            let before = reads()
            tell("-")
            try #require(Shell.eventually { reads() > before }, "the container does not answer")
        }
    }

    /// Gives its network namespace one more address.
    func add(address: String) throws {
        let pid = try pid
        let added = try Shell.run(["nsenter", "-t", pid, "-n", "ip", "address", "add", address, "dev", "lo"])
        #expect(added.status == 0, "\(added.errors)")
    }

    /// Lets containers do their habit, and `more`, until their profile is compared.
    static func learn(_ containers: [NetworkContainer], _ daemon: RunningDaemon, _ more: String = "") throws {
        var told: UInt64 = 0
        try daemon.waitUntilMonitoring([key], seconds: 180) {
            guard BootClock.nanoseconds > told + 300_000_000 else { return }
            told = BootClock.nanoseconds
            for container in containers { container.tell("\(habit) \(more)") }
        }
    }

    deinit {
        Engine.docker.remove(name)
        run.kill()
        _ = close(input)
    }
}
