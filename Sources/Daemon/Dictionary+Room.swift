// SPDX-License-Identifier: Apache-2.0

extension Dictionary {
    /// Makes a dictionary that has become much emptier than it was anew: by itself it never shrinks.
    mutating func giveBackRoom() {
        guard capacity > 64, capacity > 4 * count else { return }
        var small = Self(minimumCapacity: count)
        for (key, value) in self { small[key] = value }
        self = small
    }
}
