// SPDX-License-Identifier: Apache-2.0
import Glibc
import Testing

/// Every test of this target runs the built `ringfence` on real programs. One after the other: they start containers,
/// compare what two observers saw of one run and look at what is left behind.
@Suite("Recorder", .serialized, .enabled(if: geteuid() == 0, "recording needs root"))
enum RecorderSuites {}
