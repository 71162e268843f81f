// SPDX-License-Identifier: Apache-2.0

/// A point in time by both clocks: wall time is for people, boot time for every comparison, since nobody can step it.
package struct Moment: Equatable, Sendable {
    package var wall: WallTime
    /// CLOCK_BOOTTIME, as the kernel's records have it.
    package var bootNanoseconds: UInt64

    /// The point in time that both clocks showed together.
    package init(wall: WallTime, bootNanoseconds: UInt64) {
        self.wall = wall
        self.bootNanoseconds = bootNanoseconds
    }
}
