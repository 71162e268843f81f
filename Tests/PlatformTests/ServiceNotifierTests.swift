// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform
import TestSupport
import Testing

@Suite("Service notifications")
struct ServiceNotifierTests {
    @Test("messages arrive in one datagram, by path and in the abstract namespace", arguments: ["/tmp/", "@"])
    func arrive(_ prefix: String) throws {
        let path = prefix + "ringfence-notify-\(UInt64.random(in: .min ... .max))"
        let receiver = try DatagramReceiver(path: path)
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": path], pid: 1)
        #expect(notifier.send(.ready, .status("watching 3\ncontainers")) == nil)
        #expect(receiver.take() == "READY=1\nSTATUS=watching 3 containers")
        #expect(notifier.send(.reloading(monotonicMicroseconds: 17)) == nil)
        #expect(receiver.take() == "RELOADING=1\nMONOTONIC_USEC=17")
        #expect(notifier.send(.watchdog) == nil)
        #expect(receiver.take() == "WATCHDOG=1")
        #expect(notifier.send(.stopping) == nil)
        #expect(receiver.take() == "STOPPING=1")
        #expect(receiver.take() == nil)
    }

    @Test("without a manager nothing is sent; one that is gone is an error, not an end")
    func nobody() {
        #expect(ServiceNotifier(environment: [:], pid: 1).send(.ready) == nil)
        let gone = ServiceNotifier(environment: ["NOTIFY_SOCKET": "/tmp/ringfence-none"], pid: 1)
        #expect(gone.send(.ready)?.errno == ENOENT)
    }

    @Test("the watchdog is fed at half its time, and only where it is ours")
    func watchdog() {
        let environment = ["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"]
        #expect(ServiceNotifier(environment: environment, pid: 7).watchdogInterval == .seconds(15))
        #expect(ServiceNotifier(environment: environment, pid: 8).watchdogInterval == nil)
        #expect(ServiceNotifier(environment: ["WATCHDOG_USEC": "x"], pid: 7).watchdogInterval == nil)
    }
}
