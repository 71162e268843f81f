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
    private let pipe: LinePipe
    private let run: Background
    private var server: (pipe: LinePipe, run: Background)?

    /// - Parameter resolver: the address of the only resolver that it is configured with; nil: whatever the engine says.
    init(resolver: String? = nil) throws {
        workspace = try Workspace()
        var mounts: [String] = []
        if let resolver {
            try workspace.write("nameserver \(resolver)\n", to: "resolv.conf")
            mounts = ["-v", "\(workspace.file("resolv.conf")):/etc/resolv.conf:ro"]
        }
        let program = try #require(TestProgram.network.path, "cannot compile the test program")
        pipe = LinePipe(in: workspace, mode: 0o644)
        run = try Background(
            Engine.docker.command(
                Engine.Container(
                    name: name, image: "busybox", words: ["/run/network", "lines=/run/words"],
                    programs: ["network": program],
                    // The engine's filter refuses some socket families before anybody sees them asked for.
                    options: mounts + ["-v", "\(pipe.path):/run/words", "--security-opt", "seccomp=unconfined"]),
                in: workspace))
        if let resolver { try startResolver(at: resolver, program) }
    }

    /// Starts its resolver: in its network namespace, and not in its cgroup.
    private func startResolver(at address: String, _ program: String) throws {
        let pid = "\(try Engine.docker.process(of: name))"
        let pipe = LinePipe(in: workspace, named: "answers", mode: 0o644)
        server = (pipe, try Background(["nsenter", "-t", pid, "-n", program, "lines=\(pipe.path)"]))
        try answer("resolver=\(address)=53")
    }

    /// Has its resolver do the words of `network.c`, and waits until that is done.
    func answer(_ words: String) throws {
        let server = try #require(server)
        server.pipe.tell(words)
        try Self.waitUntilIdle(server.run.pid) { server.pipe.tell("-") }
    }

    /// Has it do the words of `network.c`.
    func tell(_ words: String) { pipe.tell(words) }

    /// Waits until it has done what it was told: it then reads what it is told next.
    func waitUntilIdle() throws {
        try Self.waitUntilIdle(try Engine.docker.process(of: name)) { tell("-") }
    }

    private static func waitUntilIdle(_ pid: Int32, tellNothing: () -> Void) throws {
        // The first of them may be read together with what came before.
        for _ in 0..<2 {
            let before = LinePipe.reads(of: pid)
            tellNothing()
            try #require(Shell.eventually { LinePipe.reads(of: pid) > before }, "process \(pid) does not answer")
        }
    }

    /// Gives its network namespace one more address.
    func add(address: String) throws {
        let pid = "\(try Engine.docker.process(of: name))"
        let added = try Shell.run(["nsenter", "-t", pid, "-n", "ip", "address", "add", address, "dev", "lo"])
        #expect(added.status == 0, "\(added.errors)")
    }

    /// Lets containers do their habit, and `more`, until their profile is compared.
    static func learn(_ containers: [NetworkContainer], _ daemon: RunningDaemon, _ more: String = "") throws {
        try daemon.learn([key], seconds: 180) {
            for container in containers { container.tell("\(habit) \(more)") }
        }
    }

    deinit {
        server?.run.kill()
        Engine.docker.remove(name)
        run.kill()
    }
}
