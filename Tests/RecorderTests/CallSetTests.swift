// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Platform
import Profiles
import TestSupport
import Testing

extension RecorderSuites {
    /// The sets of calls against an independent recorder: strace(1).
    @Suite(
        "Sets of calls equal strace's", .serialized,
        .enabled(if: FileTree.exists("/usr/bin/strace"), "needs strace"))
    struct CallSetTests {
        /// A real program with work that it finishes. $W is an empty directory.
        struct Program: CustomTestStringConvertible {
            let testDescription: String
            /// A script that makes what the work needs, not observed.
            var before = ""
            let words: [String]

            init(_ name: String, before: String = "", _ words: String...) {
                testDescription = name
                self.before = before
                self.words = words
            }
        }

        static let programs = [
            Program(
                "a pipeline of ls, grep, sort and wc", "sh", "-c",
                "ls -lR /usr/share/doc/g* | grep -c copyright | sort -n | wc -l"),
            Program(
                "Python with 16 threads", "/usr/bin/python3", "-c",
                """
                import hashlib, threading, socket, queue
                done = queue.Queue()
                def work(n):
                    a, b = socket.socketpair()
                    a.sendall(hashlib.sha256(bytes(n)).digest()); done.put(b.recv(64)); a.close(); b.close()
                ts = [threading.Thread(target=work, args=(n,)) for n in range(16)]
                [t.start() for t in ts]; [t.join() for t in ts]; print(done.qsize())
                """),
            Program(
                "sort with two threads", before: "seq 1 300000 >$W/n", "sort", "--parallel=2", "-S", "8M", "-r", "-o",
                "$W/sorted", "$W/n"),
            Program(
                "git making, committing to and cloning a repository", "sh", "-c",
                """
                set -e
                export HOME=$W GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@a
                git init -q $W/r; cd $W/r; seq 1 500 >f; git add f; git commit -qm one
                git log --oneline >/dev/null; git clone -q $W/r $W/c; git -C $W/c status --short
                """),
            Program(
                "a shell that forks and executes 200 times", "sh", "-c",
                "i=0; while [ $i -lt 200 ]; do /bin/true; i=$((i+1)); done"),
            Program(
                "tar and gzip", "sh", "-c",
                "tar -czf $W/t.tgz -C /usr/share/doc base-files && tar -tzf $W/t.tgz | wc -l"),
            Program(
                "redis-server, used and shut down by redis-cli", "sh", "-c",
                """
                redis-server --port 0 --unixsocket $W/s --save "" --dir $W >/dev/null &
                until redis-cli -s $W/s ping 2>/dev/null | grep -q PONG; do sleep 0.05; done
                redis-cli -s $W/s set a 1 >/dev/null; redis-cli -s $W/s incr a
                redis-cli -s $W/s shutdown nosave; wait
                """),
            Program(
                "nginx checking its configuration",
                before: "echo \"pid $W/pid; events {} http { access_log off; server { listen 1; } }\" >$W/c", "nginx",
                "-t", "-c", "$W/c"),
        ]

        @Test("exactly, of one run that both watched, whatever its threads and timing", arguments: programs)
        func oneRun(_ program: Program) throws {
            let workspace = try Workspace()
            let cgroup = try TestCgroup()
            let environment = ["W": workspace.path]
            #expect(try Shell.run(["sh", "-c", program.before], environment: environment).status == 0)
            let recorder = try BackgroundRun(
                ["record", "--cgroup", cgroup.path, "-o", workspace.file("p.json"), "--quiet"], in: workspace)
            try #require(recorder.waitUntilRecording(), "\(recorder.errors)")
            // strace itself is outside of the cgroup; what the joining shell does is set-up, for both.
            let join = "echo $$ >\(cgroup.directory)/cgroup.procs; exec \"$@\""
            let run = try Shell.run(
                ["strace", "-f", "-qq", "-o", workspace.file("log"), "sh", "-c", join, "sh"]
                    + program.words.map { $0.replacing("$W", with: workspace.path) }, environment: environment)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try recorder.end() == 0, "\(recorder.errors)")
            let log = StraceLog(workspace.text("log"))
            let profile = try workspace.profile("p.json")
            let ours = profile.names()
            #expect(log.names.count > 15 && log.oddLines.isEmpty, "\(log.oddLines)")
            #expect(ours.subtracting(log.names).isEmpty, "only the recorder saw these")
            #expect(log.names.subtracting(ours).isEmpty, "only strace saw these")
            #expect(Set(profile.calls.keys) == [CallABI.native.name(on: .current)])
            #expect(profile.window.partial.isEmpty)
        }

        /// Programs of which two runs do not differ.
        @Test(
            "exactly, of two runs of a program that always does the same",
            arguments: [
                ["ls", "-l", "/usr/share/perl"], ["sha256sum", "/usr/bin/git"],
                ["tar", "-cf", "/dev/null", "/usr/share/perl"],
                ["gzip", "-c", "/usr/share/common-licenses/GPL-3"],
            ])
        func twoRuns(_ command: [String]) throws {
            let workspace = try Workspace()
            // The shell in between is the process that strace counts from.
            let log = try Shell.run(
                [
                    "strace", "-f", "-qq", "-o", workspace.file("log"), "sh", "-c", "exec \"$@\"", "sh",
                ] + command)
            let recorded = try Ringfence.run(
                ["record", "-o", workspace.file("p.json"), "--quiet", "--"] + command)
            #expect(log.status == 0 && recorded.status == 0, "\(log.errors)\(recorded.errors)")
            #expect(recorded.output == log.output)
            #expect(try workspace.profile("p.json").names() == StraceLog(workspace.text("log")).names)
        }
    }
}
