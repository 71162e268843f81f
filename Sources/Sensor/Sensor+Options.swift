// SPDX-License-Identifier: Apache-2.0
import CEvents
package import Events

/// Values of arguments, where they are kept. One thread at a time.
extension Sensor {
    /// Every set of values that the kernel keeps, in no order; none unless the configuration asked for them.
    package func options() -> [OptionSnapshot] {
        var all: [OptionSnapshot] = []
        maps.forEach(in: "rf_options", key: rf_option_key(), value: rf_values()) { key, value in
            if let option = OptionSnapshot(key: key, value: value) { all.append(option) }
        }
        return all
    }
}
