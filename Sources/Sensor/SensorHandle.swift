// SPDX-License-Identifier: Apache-2.0

/// A sensor that several threads look at: reading and marking slots is atomic in the mapped memory; what changes its maps is
/// done by one thread alone, in the daemon by the control thread.
package struct SensorHandle: @unchecked Sendable {
    package let sensor: Sensor

    /// A handle of `sensor`, which lives as long as any of them.
    package init(_ sensor: Sensor) { self.sensor = sensor }
}
