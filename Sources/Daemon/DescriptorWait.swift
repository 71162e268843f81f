// SPDX-License-Identifier: Apache-2.0
import Alerts
import Glibc

/// poll(2) over descriptors that change from one wait to the next.
enum DescriptorWait {
    /// Waits until one of them is ready, at most so long, rounded up to a millisecond.
    static func wait(_ interests: [PollInterest], nanoseconds: UInt64) {
        var polled = interests.map {
            pollfd(
                fd: $0.descriptor, events: Int16(($0.wantsRead ? POLLIN : 0) | ($0.wantsWrite ? POLLOUT : 0)),
                revents: 0)
        }
        _ = unsafe poll(&polled, nfds_t(polled.count), CInt(min((nanoseconds + 999_999) / 1_000_000, 60_000)))
    }
}
