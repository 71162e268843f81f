// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// Every test of this suite runs the built `ringfenced`, of which a machine has one at a time.
@Suite("Daemon", .serialized, .enabled(if: geteuid() == 0, "attaching BPF programs needs root"))
enum DaemonSuites {}
