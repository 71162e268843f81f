// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import Sensor
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("The installed unit", .enabled(if: BootedSystemd.isHere, Comment(rawValue: BootedSystemd.needed)))
    struct InstalledUnitTests {
        @Test("is ready, learns a service, keeps its programs in a restart and leaves nothing when it is stopped")
        func installed() throws {
            // Holds the lock: the machine that is booted has this one's BPF file system.
            let daemon = try RunningDaemon()
            let directory = Ringfence.binary.split(separator: "/").dropLast().map { "/" + $0 }.joined()
            let run = try BootedSystemd.run(
                """
                say() { echo "$*" >>report; }
                programs() { bpftool prog list | grep -o '^[0-9]*: .* name rf_[a-z_]*' | sort | cksum; }
                fails() { systemctl status --no-pager -l ringfenced >&2; journalctl --no-pager -u ringfenced >&2; exit "$1"; }
                \(Repository.path)/systemd/install --programs \(directory) >install.out || exit 10
                mkdir -p /etc/ringfence/ringfence.conf.d
                printf '[Daemon]\\nScope=containers+services\\n[Learning]\\nWindow=3s\\nEpoch=1s\\nShare=50%%\\n' \
                    >/etc/ringfence/ringfence.conf.d/test.conf
                unit rf-web.service "ExecStart=/bin/sh -c 'while [ ! -e $WORKSPACE/go ]; do sleep 0.05; done; exec \(try #require(TestProgram.probe.path)) calls 101'"
                systemctl start ringfenced || fails 11
                say "$(systemctl is-active ringfenced) $(systemctl show -P StatusText ringfenced)"
                systemctl start rf-web
                until_true 40 grep -q '"state": *"monitoring"' /var/lib/ringfence/profiles/rf-web.service.json
                before=$(programs)
                main=$(systemctl show -P MainPID ringfenced)
                systemctl restart ringfenced || fails 12
                [ "$main" != "$(systemctl show -P MainPID ringfenced)" ] || fails 13
                [ "$before" = "$(programs)" ] && say "programs stayed attached"
                : >go
                until_true 20 grep -q '"never-allow-call"' /var/lib/ringfence/alerts.jsonl
                systemctl kill -s KILL --kill-who=main ringfenced
                restarted() { [ "$(systemctl show -P NRestarts ringfenced)" = 1 ] && systemctl is-active -q ringfenced; }
                until_true 20 restarted
                [ "$before" = "$(programs)" ] && say "programs survived a crash"
                ls -ld /var/lib/ringfence /run/ringfence /run/ringfence/* /var/lib/ringfence/* >files
                cp /var/lib/ringfence/alerts.jsonl alerts
                systemctl stop ringfenced || fails 14
                is_gone() { [ ! -e \(PinDirectory.standard) ]; }
                until_true 20 is_gone
                is_off() { ! bpftool prog list | grep -q ' name rf_'; }
                until_true 20 is_off
                say "nothing is left"
                journalctl --no-pager -u ringfenced -o cat >journal
                """, in: daemon.workspace, programs: [try #require(TestProgram.probe.path)])
            try #require(run.status == 0, "\(run.status): \(run.errors)")
            let report = daemon.workspace.text("report")
            #expect(report.contains("active watching "), "\(report)")
            #expect(report.contains("programs stayed attached"), "\(report)")
            #expect(report.contains("programs survived a crash"), "\(report)")
            #expect(report.contains("nothing is left"), "\(report)")
            let alerts = daemon.workspace.text("alerts")
            #expect(alerts.contains("rf-web.service") && alerts.contains("ptrace"), "\(alerts)")
            #expect(alerts.contains("\"gap\""), "\(alerts)")
        }
    }
}
