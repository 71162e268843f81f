// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc
import Platform
import TestSupport
import Testing

extension DaemonSuites {
    /// What attackers do in a container that was learned without it: each is one incident, and says what it rests on.
    @Suite("Actions", .enabled(if: Engine.areUp, "\(Engine.needed)"))
    struct ActionTests {
        /// An action, and what must be told of it.
        struct Action {
            let line: String
            let rule: AlertRule
            /// The end of an item's text.
            let item: String
            /// A part of the reason.
            var why = "never "
            var severity = Severity.notice
        }

        static let actions = [
            Action(
                line: "subprocess.run(['/bin/sh', '-c', ':'])", rule: .unexpectedExecutable, item: "/busybox",
                why: "the file is of the container's image"),
            Action(
                line: "shutil.copy('/usr/bin/env', '/tmp/update'); subprocess.run(['/tmp/update'])",
                rule: .unexpectedExecutable, item: "/tmp/update", why: "it was written in the container"),
            Action(
                line: "shutil.copy('/usr/bin/env', '/scratch/x'); subprocess.run(['/scratch/x'])",
                rule: .unexpectedExecutable, item: "/scratch/x", why: "it lies in memory, on /scratch"),
            Action(
                line: "f = os.memfd_create('m'); os.write(f, open('/usr/bin/env', 'rb').read()); "
                    + "subprocess.run(['/proc/self/fd/%d' % f], pass_fds=[f])",
                rule: .unexpectedExecutable, item: "memfd:m", why: "the file had no name"),
            Action(line: "call(101, 16, 1, 0, 0)", rule: .neverAllowCall, item: "ptrace (x86_64)", severity: .critical),
            Action(line: "call(101, 0, 0, 0, 0)", rule: .neverAllowCall, item: "ptrace (x86_64)", severity: .critical),
            Action(
                line: "call(272, 0x10020000)", rule: .neverAllowCall, item: "unshare (x86_64)", severity: .critical),
            Action(
                line: "call(308, os.open('/proc/1/ns/uts', os.O_RDONLY), 0)", rule: .neverAllowCall,
                item: "setns (x86_64)", severity: .critical),
            Action(
                line: "call(165, b'none', b'/mnt', b'tmpfs', 0, 0)", rule: .neverAllowCall, item: "mount (x86_64)",
                severity: .critical),
            Action(
                line: "call(313, -1, b'', 0)", rule: .neverAllowCall, item: "finit_module (x86_64)", severity: .critical
            ),
            Action(line: "call(321, 5, 0, 0)", rule: .neverAllowCall, item: "bpf (x86_64)", severity: .critical),
            Action(line: "call(323, 0)", rule: .neverAllowCall, item: "userfaultfd (x86_64)", severity: .critical),
            Action(line: "call(250, 0, -3, 0)", rule: .neverAllowCall, item: "keyctl (x86_64)", severity: .critical),
            Action(
                line: "call(310, 1, 0, 0, 0, 0, 0)", rule: .neverAllowCall, item: "process_vm_readv (x86_64)",
                severity: .critical),
            Action(line: "os.setresuid(65534, 65534, 65534)", rule: .unexpectedCall, item: "setresuid (x86_64)"),
            Action(
                line: "subprocess.run([sys.executable, '-c', 'import os; os.setpgid(0, 0)'])", rule: .unexpectedCall,
                item: "setpgid (x86_64)"),
            // A name that would forge a line and colour a terminal.
            Action(
                line: "n = '/tmp/a\\n\\x1b[31m\\u202e'; shutil.copy('/usr/bin/env', n); subprocess.run([n])",
                rule: .unexpectedExecutable, item: "\\u{202e}", why: "never "),
            // Who executes is not who leads the process.
            Action(
                line: "p = os.fork(); p or (threading.Thread(target=os.execv, args=('/usr/bin/env', ['env'])).start(), "
                    + "time.sleep(5)); p and os.waitpid(p, 0)",
                rule: .unexpectedExecutable, item: "/usr/bin/busybox"),
            Action(
                line:
                    "p = os.fork(); p or os.execve(os.open('/usr/bin/env', os.O_RDONLY), ['env'], {}); os.waitpid(p, 0)",
                rule: .unexpectedExecutable, item: "/usr/bin/busybox"),
        ]

        @Test(
            "in containers that were learned without them are one incident each, and nothing else is told",
            .timeLimit(.minutes(5)))
        func learned() throws {
            // Long enough for the first container to have begun its work.
            let daemon = try RunningDaemon(learning: "[Learning]\nWindow=12s\nEpoch=1s\nShare=50%\n")
            try daemon.start()
            let key = "rf-actions"
            let containers = try Self.actions.map { _ in try PythonContainer(profile: key) }
            let (quiet, entered, left) = (
                try PythonContainer(profile: key), try PythonContainer(profile: key), try PythonContainer(profile: key)
            )
            let all = containers + [quiet, entered, left]
            defer { PythonContainer.remove(all) }
            try PythonContainer.learn(all, as: key, daemon)
            try #require(daemon.alerts().isEmpty, "\(RuleTests.summary(daemon.alerts()))")
            for (container, action) in zip(containers, Self.actions) { container.tell(action.line) }
            // From outside: into the namespaces alone, and from one container into another.
            let target = try entered.pid()
            let entry = try Shell.run(["nsenter", "-t", "\(target)", "-m", "-p", "/usr/bin/env"])
            #expect(entry.status == 0, "\(entry.errors)")
            try Self.move(try left.pid(), besides: try quiet.pid())
            let expected =
                zip(containers.map(\.name), Self.actions.map(\.rule)) + [
                    (entered.name, .execSession), (quiet.name, .migration),
                ]
            let isTold = Shell.eventually {
                let alerts = daemon.alerts()
                return expected.allSatisfy { name, rule in
                    alerts.contains { $0.container.name == name && $0.rule == rule }
                }
            }
            #expect(isTold, "\(RuleTests.summary(daemon.alerts())) \(daemon.words)")
            #expect(try daemon.stop() == 0)
            for (container, action) in zip(containers, Self.actions) { Self.check(action, container, daemon) }
            let entries = daemon.alerts(of: entered.name)
            #expect(entries.count == 1, "\(RuleTests.summary(entries))")
            #expect(
                entries.first?.why.contains("as nsenter does") == true
                    && entries.first?.process?.executable == "/usr/bin/busybox")
            let moves = daemon.alerts(of: quiet.name)
            #expect(moves.count == 1, "\(RuleTests.summary(moves))")
            #expect(
                moves.first?.what.hasSuffix("was moved here from \(left.name)") == true, "\(moves.first?.what ?? "")")
            #expect(daemon.alerts(of: left.name).isEmpty)
            #expect(daemon.alerts().allSatisfy { alert in all.contains { $0.name == alert.container.name } })
        }

        /// One incident, which names the action, its process and those above it, in one line of printable text.
        private static func check(_ action: Action, _ container: PythonContainer, _ daemon: RunningDaemon) {
            let alerts = daemon.alerts(of: container.name)
            #expect(alerts.count == 1, "\(action.line): \(RuleTests.summary(alerts))")
            guard let alert = alerts.first else { return }
            #expect(alert.rule == action.rule, "\(action.line): \(RuleTests.summary(alerts))")
            let item = alert.items.first { $0.item.text.hasSuffix(action.item) }
            #expect(item != nil, "\(action.line): \(RuleTests.summary(alerts))")
            #expect(alert.why.contains(action.why), "\(action.line): \(alert.why)")
            #expect(alert.severity >= action.severity, "\(action.line): \(alert.severity)")
            #expect(alert.process?.tgid ?? 0 > 0 && alert.process?.ancestry.isEmpty == false, "\(action.line)")
            let line = CompactRendering(color: false).line(alert)
            #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{202e}" })
        }

        /// Moves a process into the cgroup that another one is in.
        private static func move(_ pid: Int32, besides other: Int32) throws {
            let cgroup = String(decoding: try FileBytes.read("/proc/\(other)/cgroup", limit: 4096), as: UTF8.self)
            let path = try #require(cgroup.split(separator: "\n").first { $0.hasPrefix("0::") }.map { $0.dropFirst(3) })
            let root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first {
                FileTree.exists($0 + path + "/cgroup.procs")
            }
            let result = try Shell.run(["sh", "-c", "echo \(pid) >\(try #require(root))\(path)/cgroup.procs"])
            #expect(result.status == 0, "\(result.errors)")
        }
    }
}
