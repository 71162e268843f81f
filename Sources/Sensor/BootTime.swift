// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The clock of the kernel's records.
enum BootTime {
    /// Nanoseconds of CLOCK_BOOTTIME, now.
    static var nanoseconds: UInt64 {
        var now = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}
