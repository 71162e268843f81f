// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc
import Platform
import TestSupport
import Testing

/// A container of an ordinary user, whose shell starts a Python service that executes the lines it is given and knows one
/// more program, `/run/tool`, which the test can change from outside.
final class ToolContainer {
    static let key = "rf-tool"
    /// What each of them does all the time: the shell runs the tool and the service, the service runs itself.
    static let habit = "subprocess.run([sys.executable, '-c', '']); subprocess.run(['/run/tool', 'calls'])"

    let name = "rf-tool-\(UInt32.random(in: 0 ... .max))"
    /// The tool, on the host.
    var tool: String { workspace.file("tool") }
    private let workspace: Workspace
    private let pipe: LinePipe
    private let run: Background

    init() throws {
        workspace = try Workspace()
        let program = try #require(TestProgram.probe.path, "cannot compile the test program")
        #expect(try Shell.run(["cp", program, workspace.file("tool")]).status == 0)
        try workspace.write(
            """
            import subprocess, sys, time
            # Bytecode would be written where nobody may write.
            sys.dont_write_bytecode = True
            words = open("/run/words")
            while True:
                line = words.readline()
                if not line: time.sleep(0.01)
                try: exec(line)
                except Exception as error: print(error, file=sys.stderr)

            """, to: "service.py")
        pipe = LinePipe(in: workspace, mode: 0o666)
        let options = [
            "-v", "\(pipe.path):/run/words", "-v", "\(workspace.file("service.py")):/run/service.py:ro", "-v",
            "\(workspace.file("tool")):/run/tool:ro", "--user", "1000:1000", "--label", "ringfence.profile=\(Self.key)",
        ]
        let script = "/run/tool calls; true | cat; exec python3 /run/service.py"
        run = try Background(
            Engine.docker.command(
                Engine.Container(name: name, image: "python", words: ["sh", "-c", script], options: options),
                in: workspace))
    }

    /// Has its service execute a line.
    func tell(_ line: String) { pipe.tell(line) }

    /// Writes the interpreter's file anew, with the same bytes, as an update from outside does.
    func replaceInterpreter() throws {
        let target = try Engine.docker.process(of: name)
        let link = try Shell.run(["readlink", "/proc/\(target)/exe"]).output.filter { !$0.isNewline }
        let copy = workspace.file("interpreter")
        for words in [["cp", "\(name):\(link)", copy], ["cp", copy, "\(name):\(link)"]] {
            let done = try Shell.run(["/usr/bin/docker"] + words, environment: Engine.environment)
            #expect(done.status == 0, "\(done.errors)")
        }
    }

    /// Ends containers, all at once.
    static func remove(_ containers: [ToolContainer]) {
        _ = try? Shell.run(["/usr/bin/docker", "rm", "-f"] + containers.map(\.name), environment: Engine.environment)
    }

    deinit {
        Engine.docker.remove(name)
        run.kill()
    }
}
