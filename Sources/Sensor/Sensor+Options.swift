// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events

/// What is kept in recordings alone. One thread at a time.
extension Sensor {
    /// Every set of values that the kernel keeps, in no order; none unless the configuration asked for them.
    package func options() -> [OptionSnapshot] {
        var all: [OptionSnapshot] = []
        maps.forEach(in: "rf_options", key: rf_option_key(), value: rf_values()) { key, value in
            if let option = OptionSnapshot(key: key, value: value) { all.append(option) }
        }
        return all
    }

    /// What executables call under filters that they have loaded themselves, each that has done so; nil unless the
    /// configuration asked for it, or where only the fallback program runs.
    package func steady() -> [SteadySnapshot]? {
        guard keepsSteady else { return nil }
        return subIndices.compactMap { index in
            steadyTable.withElement(Int(index)) { SteadySnapshot(copying: $0, sub: index) }
        }
    }
}
