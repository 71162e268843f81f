// SPDX-License-Identifier: Apache-2.0
import Platform

/// The machine that an alert comes from.
package struct AlertHost: Codable, Equatable, Sendable {
    package let name: String
    /// machine-id(5): the same until the system is installed anew; empty if there is none.
    package let machineID: String
    /// Changes with each boot: boot times of two boots cannot be compared.
    package let bootID: String

    /// A machine of these names.
    package init(name: String, machineID: String, bootID: String) {
        self.name = SafeText.of(name, limit: 256)
        self.machineID = SafeText.of(machineID, limit: 64)
        self.bootID = SafeText.of(bootID, limit: 64)
    }

    /// This machine; what cannot be read is empty.
    package static func current() -> AlertHost {
        AlertHost(
            name: line("/proc/sys/kernel/hostname"), machineID: line("/etc/machine-id"),
            bootID: line("/proc/sys/kernel/random/boot_id"))
    }

    private static func line(_ path: String) -> String {
        guard let bytes = try? FileBytes.read(path, limit: 4096) else { return "" }
        return HostileText.escaped(bytes.prefix { $0 > 0x20 })
    }
}
