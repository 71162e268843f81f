// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A user of this machine, with everything that becoming it needs (passwd(5), group(5)).
package struct UserIdentity: Sendable, Equatable {
    /// Login name, or the number as text for a user without an entry.
    package let name: String
    package let user: UInt32
    package let group: UInt32
    /// Supplementary groups.
    package let groups: [UInt32]
    /// Home directory; `/` for a user without an entry.
    package let home: String

    /// Looks up a login name or a number; nil if there is no such user.
    package init?(_ nameOrNumber: String) {
        // SAFETY: getpwnam and getpwuid return storage that the next call reuses; it is copied at once.
        let entry = unsafe getpwnam(nameOrNumber) ?? uid_t(nameOrNumber).flatMap { unsafe getpwuid($0) }
        guard let entry = unsafe entry else {
            guard let number = uid_t(nameOrNumber) else { return nil }
            name = nameOrNumber
            user = number
            group = gid_t(number)
            groups = []
            home = "/"
            return
        }
        let login = unsafe String(cString: entry.pointee.pw_name)
        name = login
        user = unsafe entry.pointee.pw_uid
        group = unsafe entry.pointee.pw_gid
        home = unsafe String(cString: entry.pointee.pw_dir)
        var count: CInt = 256
        var list = [gid_t](repeating: 0, count: Int(count))
        let result = unsafe getgrouplist(login, group, &list, &count)
        groups = result < 0 ? [] : Array(list.prefix(Int(count)))
    }

    /// Who called sudo(8), if someone did and we are root.
    package static var sudoCaller: UserIdentity? {
        guard geteuid() == 0, let name = unsafe getenv("SUDO_USER").map({ unsafe String(cString: $0) }),
            let identity = UserIdentity(name), identity.user != 0
        else { return nil }
        return identity
    }
}
