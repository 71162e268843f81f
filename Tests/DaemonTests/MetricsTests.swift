// SPDX-License-Identifier: Apache-2.0
import Control
import Platform
import TestSupport
import Testing

extension DaemonSuites {
    @Suite("Metrics of the daemon")
    struct MetricsTests {
        @Test("are scraped on a loopback port and on the socket, and no other address is taken")
        func scraped() throws {
            let daemon = try RunningDaemon(scope: "containers+services")
            for address in ["0.0.0.0:9469", "192.168.1.1:9469", "[::]:9469", "127.0.0.1"] {
                try daemon.configure("[Metrics]\nListen=\(address)\n")
                let check = try Shell.run(
                    [Ringfence.daemon, "--check", daemon.workspace.file("ringfence.conf")])
                #expect(check.status == 78, "\(address): \(check.output)")
                #expect((check.output + check.errors).contains("test.conf:2:"), "\(check.output)\(check.errors)")
            }
            // 0 takes a free port, which `status` tells.
            try daemon.configure("[Metrics]\nListen=127.0.0.1:0\n")
            try daemon.start()
            let service = try ServiceCgroup()
            try RuleTests.learn([service], daemon)
            service.tell("call 101 0")
            #expect(Shell.eventually { !daemon.alerts(of: service.name).isEmpty }, "\(daemon.words)")
            let port = try #require(try daemon.json(["status"])["metrics"]?["listen"]?.integer)
            let scrapes = [
                ["http://127.0.0.1:\(port)/metrics"],
                ["--unix-socket", daemon.workspace.file("run/metrics.sock"), "http://localhost/metrics"],
            ]
            for scrape in scrapes {
                let run = try Shell.run(["curl", "-sS", "-i", "--max-time", "60"] + scrape)
                #expect(run.status == 0 && run.output.hasPrefix("HTTP/1."), "\(run.errors)")
                #expect(run.output.contains(" 200 ") && run.output.contains("Content-Type: text/plain"))
                #expect(run.output.contains("\nringfence_alerts_total{severity=\"critical\"} 1\n"), "\(run.output)")
                #expect(run.output.contains("\nringfence_containers{state=\"monitoring\"} 1\n"))
                let missing = try Shell.run(
                    ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}"]
                        + scrape.dropLast() + [scrape.last?.replacing("/metrics", with: "/other") ?? ""])
                #expect(missing.output == "404", "\(missing.output)")
            }
            #expect((try daemon.json(["status"])["metrics"]?["scrapes"]?.integer ?? 0) >= 2)
            let listening = try Shell.run(["ss", "-Hltn"]).output.split(separator: "\n").filter {
                $0.contains(":\(port) ")
            }
            #expect(listening.count == 1 && listening.allSatisfy { $0.contains("127.0.0.1:\(port)") })
        }
    }
}
