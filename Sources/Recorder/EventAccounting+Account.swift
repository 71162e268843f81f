// SPDX-License-Identifier: Apache-2.0
package import Events
package import Profiles

extension EventAccounting {
    /// The account of a slot.
    package init(_ account: SlotSnapshot.Account) {
        self.init(
            produced: account.produced, delivered: account.delivered, suppressed: account.suppressed,
            dropped: account.dropped)
    }
}
