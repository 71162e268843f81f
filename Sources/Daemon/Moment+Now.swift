// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Platform

extension Moment {
    /// Both clocks, now.
    static var now: Moment {
        Moment(
            wall: WallTime(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))),
            bootNanoseconds: BootClock.nanoseconds)
    }
}
