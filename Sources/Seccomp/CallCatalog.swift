// SPDX-License-Identifier: Apache-2.0
internal import CLibSeccomp
internal import Events
import Glibc

/// Which call names exist, for this tool and for the libseccomp it runs with.
package enum CallCatalog {
    /// The version of libseccomp in this process, `2.5.4`.
    package static var libraryVersion: String {
        // SAFETY: a pointer to static storage of the library, or NULL.
        guard let version = unsafe seccomp_version() else { return "unknown" }
        return unsafe "\(version.pointee.major).\(version.pointee.minor).\(version.pointee.micro)"
    }

    /// Whether libseccomp can make a rule for `call`; it answers for all architectures at once.
    package static func resolves(_ call: String) -> Bool {
        // SAFETY: the name is a C string for the time of the call. -1 is __NR_SCMP_ERROR.
        unsafe call.withCString { unsafe seccomp_syscall_resolve_name($0) } != -1
    }

    /// Whether this tool's tables or libseccomp have the name.
    package static func isKnown(_ call: String) -> Bool { tableNames.contains(call) || resolves(call) }

    /// Every call of an architecture that libseccomp has a name for, by number without x32's bit. Call 0 to 1023.
    package static func names(on architecture: FilterArchitecture) -> [String] {
        (0..<1024).compactMap { number in
            // SAFETY: the result is NULL or a string from malloc, copied and freed here.
            let name = unsafe seccomp_syscall_resolve_num_arch(
                architecture.token, CInt(number) | architecture.numberBit)
            guard let name = unsafe name else { return nil }
            defer { unsafe free(name) }
            return unsafe String(cString: name)
        }
    }

    private static let tableNames: Set<String> = Set(
        Architecture.allCases.flatMap { machine in
            CallABI.allCases.flatMap { SyscallTable.table($0, on: machine).entries.map(\.name) }
        })
}
