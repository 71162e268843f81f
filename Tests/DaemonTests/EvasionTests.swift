// SPDX-License-Identifier: Apache-2.0
import Alerts
import Containers
import TestSupport
import Testing

extension DaemonSuites {
    /// Attackers who know that they are watched: noise before the deed, a life of milliseconds, a cgroup of one's own.
    @Suite("Evasion", .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct EvasionTests {
        /// Calls that no container here learns, one after the other, until the file `stop` appears. Says so after 400,000.
        private static let flood =
            "p = os.fork(); p or ([call(n, 0, 0) for i in range(50000) for n in (121, 124, 140, 143, 145, 146, 147, 148)], "
            + "open('/scratch/loud', 'w').close(), [call(140, 0, 0) for i in iter(lambda: os.path.exists('/scratch/stop'), "
            + "True)], os._exit(0))"
        private static let dropped = "shutil.copy('/usr/bin/env', '/tmp/update'); subprocess.run(['/tmp/update'])"
        /// Into a cgroup of its own below the container's, and then ptrace(PTRACE_ATTACH, 1).
        private static let inside =
            "c = '/cg' + open('/proc/self/cgroup').read().split('0::')[1].split()[0] + '/inner'; os.mkdir(c); "
            + "open(c + '/cgroup.procs', 'w').write('0'); call(101, 16, 1, 0, 0)"

        @Test("is seen: behind a flood, in a life of milliseconds, and in a child cgroup", .timeLimit(.minutes(4)))
        func seen() throws {
            let daemon = try RunningDaemon(learning: "[Learning]\nWindow=12s\nEpoch=1s\nShare=50%\n")
            try daemon.start()
            let key = "rf-evasion"
            let root = try CgroupHierarchy.detect().directory(of: "/")
            let (loud, nested, quiet) = (
                try PythonContainer(profile: key),
                try PythonContainer(profile: key, ["--cgroupns", "host", "-v", "\(root):/cg"]),
                try PythonContainer(profile: key)
            )
            defer { PythonContainer.remove([loud, nested, quiet]) }
            // Their ordinary lives are short, too.
            for _ in 0..<3 { _ = try Self.brief(110, key, daemon) }
            try PythonContainer.learn([loud, nested, quiet], as: key, daemon)
            try #require(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            loud.tell(Self.flood)
            try loud.wait(for: "loud")
            loud.tell(Self.dropped)
            nested.tell(Self.inside)
            let ordinary = [try Self.brief(110, key, daemon)]
            let deed = try Self.brief(101, key, daemon)
            let later = [try Self.brief(110, key, daemon)]
            let isTold = Shell.eventually(seconds: 60) {
                Self.names(daemon.alerts(of: loud.name)).contains { $0.hasSuffix("/tmp/update") }
                    && [nested.name, deed].allSatisfy { Self.names(daemon.alerts(of: $0)).contains("ptrace") }
            }
            #expect(isTold, "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            loud.tell("open('/scratch/stop', 'w').close()")
            #expect(try daemon.stop() == 0)
            // Each by its own name, as one incident; nobody beside them is blamed.
            for name in [nested.name, deed] {
                let alerts = daemon.alerts(of: name)
                #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
                #expect(alerts.first?.rule == .neverAllowCall && alerts.first?.severity == .critical)
            }
            let alerts = daemon.alerts(of: loud.name).filter { $0.rule != .loss }
            #expect(alerts.count == 1, "\(RuleTests.summary(alerts))")
            #expect(alerts.first?.items.contains { $0.rule == .unexpectedExecutable } == true)
            // The flood is counted whole: it folds, and does not end.
            let counted = alerts.flatMap(\.items).reduce(0) { $0 + $1.count }
            #expect(counted >= 1000, "\(counted)")
            for name in [quiet.name] + ordinary + later {
                #expect(daemon.alerts(of: name).isEmpty, "\(RuleTests.summary(daemon.alerts(of: name)))")
            }
        }

        /// Runs a container that makes one call and ends; its name.
        private static func brief(_ call: Int, _ key: String, _ daemon: RunningDaemon) throws -> String {
            let name = "rf-brief-\(UInt32.random(in: 0 ... .max))"
            let probe = try #require(TestProgram.probe.path, "cannot compile the test program")
            let run = try Engine.docker.run(
                Engine.Container(
                    name: name, image: "busybox", words: ["/run/probe", "calls", "\(call)"], programs: ["probe": probe],
                    options: ["--security-opt", "seccomp=unconfined", "--label", "ringfence.profile=\(key)"]),
                in: daemon.workspace)
            try #require(run.status == 0, "\(run.errors)")
            return name
        }

        private static func names(_ alerts: [Alert]) -> [String] { alerts.flatMap(\.items).map(\.item.name) }
    }
}
