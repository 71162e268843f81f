// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Glibc

/// The kernel's CLOCK_BOOTTIME, and how it stood to wall time when a value was made.
package struct BootClock: Sendable {
    private let wallOfBoot: Double

    /// How the clocks stand now.
    package init() { wallOfBoot = Date().timeIntervalSince1970 - Self.now }

    /// Nanoseconds since boot, suspend included (clock_gettime(2)).
    package static var nanoseconds: UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Seconds since boot.
    package static var now: Double { Double(nanoseconds) / 1e9 }

    /// The wall time of a kernel time stamp, in whole seconds.
    package func date(ofNanoseconds nanoseconds: UInt64) -> Date {
        Date(timeIntervalSince1970: (wallOfBoot + Double(nanoseconds) / 1e9).rounded(.down))
    }
}
