// SPDX-License-Identifier: Apache-2.0
import Alerts
import Sensor

/// What is ours in the kernel is looked at every second: what somebody else has changed is put back, and told.
extension HostDaemon {
    func guardOwn() {
        guardPins()
        guardLinks()
        guardTables()
    }

    private func guardPins() {
        let missing = sensor.missingPins
        guard !missing.isEmpty else { return }
        let names = missing.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: ", ")
        do {
            try sensor.repin()
            tell(.tamper, "pin", "\(names) was removed from the BPF file system, and was put back")
        } catch { tell(.tamper, "pin", "\(names) was removed from the BPF file system: \(error.description)") }
    }

    private func guardLinks() {
        do throws(BPFError) {
            let cut = try sensor.relink()
            guard !cut.isEmpty else { return }
            let names = cut.map(\.rawValue).joined(separator: ", ")
            tell(
                .tamper, "link",
                "\(names) was cut off its cgroup, and was linked again: contacts in between are not known")
        } catch { tell(.tamper, "link", "a link to a cgroup was cut: \(error.description)") }
    }

    private func guardTables() {
        let changed = watch.tables.mend()
        guard !changed.isEmpty else { return }
        tell(
            .tamper, "table",
            "the kernel's table of what is allowed was changed from outside, and was put back: "
                + changed.joined(separator: ", "))
    }
}
