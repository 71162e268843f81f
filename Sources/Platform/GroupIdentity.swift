// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A group of this machine (group(5)).
package struct GroupIdentity: Sendable, Equatable {
    /// Its name, or the number as text for a group without an entry.
    package let name: String
    package let number: UInt32

    /// Looks up a group by name, or by a number in digits; nil if there is no such group.
    package init?(_ nameOrNumber: String) {
        // SAFETY: getgrnam returns storage that the next call reuses; it is read at once.
        if let entry = unsafe getgrnam(nameOrNumber) {
            self.init(name: nameOrNumber, number: unsafe entry.pointee.gr_gid)
        } else if let number = gid_t(nameOrNumber) {
            self.init(number: number)
        } else {
            return nil
        }
    }

    /// The group of a number; every number is one.
    package init(number: UInt32) {
        // SAFETY: getgrgid returns storage that the next call reuses; it is copied at once.
        let name = unsafe getgrgid(number).map { unsafe String(cString: $0.pointee.gr_name) } ?? String(number)
        self.init(name: name, number: number)
    }

    private init(name: String, number: UInt32) {
        self.name = name
        self.number = number
    }
}
