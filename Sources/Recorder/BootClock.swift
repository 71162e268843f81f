// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc

/// Turns the kernel's CLOCK_BOOTTIME into wall time, as the clocks stood when this was made.
struct BootClock {
    private let wallOfBoot: Double

    init() { wallOfBoot = Date().timeIntervalSince1970 - Self.now }

    /// Seconds since boot, suspend included (clock_gettime(2)).
    static var now: Double {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The wall time of a kernel time stamp, in whole seconds.
    func date(ofNanoseconds nanoseconds: UInt64) -> Date {
        Date(timeIntervalSince1970: (wallOfBoot + Double(nanoseconds) / 1e9).rounded(.down))
    }
}
