// SPDX-License-Identifier: Apache-2.0
import Containers
import FoundationEssentials
import Glibc
import Platform
import TestSupport
import Testing

/// A cgroup that looks like a systemd service's or a container's, with a program in it that does what it is told and
/// something small all the time.
final class ServiceCgroup {
    /// The last component of the path: the service's name or the container's id.
    let name: String
    let path: String
    let hierarchy: CgroupHierarchy
    let program: String
    private let workspace: Workspace
    private let pipe: LinePipe
    private var child: ChildProcess?

    /// Starts the program in a cgroup of its own; `refusing` is a call that a seccomp filter answers.
    init(_ kind: Kind = .service, refusing call: UInt32? = nil) throws {
        workspace = try Workspace()
        hierarchy = try CgroupHierarchy.detect()
        program = try #require(TestProgram.probe.path, "cannot compile the test program")
        switch kind {
        case .service:
            name = "rf-test-\(UInt32.random(in: 0 ... .max)).service"
            path = "/" + name
        case .container:
            name = (0..<64).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
            try? hierarchy.create("/docker")
            path = "/docker/" + name
        }
        try hierarchy.create(path)
        pipe = LinePipe(in: workspace)
        var request = ChildProcess.Request(
            arguments: ["/bin/sh", "-c", "exec \"$0\" service <\(pipe.path)", program], environment: [])
        request.cgroupProcesses = hierarchy.directory(of: path) + "/cgroup.procs"
        if let call { request.refuse(call) }
        child = try ChildProcess.start(request)
    }

    enum Kind { case service, container }

    /// The program's process id.
    var pid: Int32 { child?.pid ?? 0 }

    /// Has it do something: a line of `probe.c`'s `serve`.
    func tell(_ line: String) { pipe.tell(line) }

    /// Runs a program beside it that comes from outside.
    func join(_ words: [String]) throws {
        var request = ChildProcess.Request(arguments: words, environment: ["PATH=/usr/bin:/bin"])
        request.cgroupProcesses = hierarchy.directory(of: path) + "/cgroup.procs"
        _ = try Shell.end(of: try ChildProcess.start(request), words)
    }

    deinit {
        child?.send(SIGKILL)
        if let child { _ = try? Shell.end(of: child, seconds: 5) }
        _ = Shell.eventually(seconds: 60) { (try? hierarchy.remove(path)) != nil }
    }
}
