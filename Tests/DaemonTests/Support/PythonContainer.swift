// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc
import Platform
import TestSupport
import Testing

/// A container whose service is a Python interpreter that executes the lines it is given: what an attacker who has taken
/// over a server makes it do.
final class PythonContainer {
    let name = "rf-python-\(UInt32.random(in: 0 ... .max))"
    private let workspace: Workspace
    private let pipe: LinePipe
    private let run: Background

    /// Starts it, with `more` of what Docker takes after `run`. All that have the same `profile` are learned as one.
    init(profile: String, _ more: [String] = []) throws {
        workspace = try Workspace()
        try workspace.write(
            """
            import ctypes, os, shutil, signal, socket, subprocess, sys, threading, time
            call = ctypes.CDLL(None, use_errno=True).syscall
            # What a worker does, and is learned.
            subprocess.run([sys.executable, "-c", ""])
            thread = threading.Thread(target=os.getppid)
            thread.start()
            thread.join()
            if os.fork() == 0: os._exit(0)
            os.wait()
            open("/scratch/ready", "w").close()
            # Open at both ends, or the first reader would wait for a writer.
            words = os.fdopen(os.open("/run/words", os.O_RDWR))
            while True:
                line = words.readline()
                try: exec(line)
                except Exception as error: print(error, file=sys.stderr)

            """, to: "service.py")
        pipe = LinePipe(in: workspace, mode: 0o644)
        // The engine's own filter would answer before anybody sees the call.
        let options = [
            "-v", "\(pipe.path):/run/words", "-v", "\(workspace.file("service.py")):/run/service.py:ro", "--tmpfs",
            "/scratch:exec", "--security-opt", "seccomp=unconfined", "--label", "ringfence.profile=\(profile)",
        ]
        run = try Background(
            Engine.docker.command(
                Engine.Container(
                    name: name, image: "python", words: ["python3", "/run/service.py"], options: options + more),
                in: workspace))
    }

    /// Has it execute a line.
    func tell(_ line: String) { pipe.tell(line) }

    /// Its first process, in this pid namespace, once that waits for lines.
    func pid() throws -> Int32 {
        try wait(for: "ready")
        return try Engine.docker.process(of: name)
    }

    /// Waits until a file appears in its `/scratch`.
    func wait(for file: String) throws {
        let pid = try Engine.docker.process(of: name)
        try #require(
            Shell.eventually(seconds: 60) { FileTree.exists("/proc/\(pid)/root/scratch/\(file)") },
            "\(name) did not make \(file)")
    }

    /// Ends containers, all at once.
    static func remove(_ containers: [PythonContainer]) {
        _ = try? Shell.run(["/usr/bin/docker", "rm", "-f"] + containers.map(\.name), environment: Engine.environment)
    }

    /// Lets containers work until their profile is compared.
    static func learn(_ containers: [PythonContainer], as key: String, _ daemon: RunningDaemon) throws {
        try daemon.learn([key], seconds: 180) { for container in containers { container.tell("os.getppid()") } }
    }

    deinit {
        Engine.docker.remove(name)
        run.kill()
    }
}
