// SPDX-License-Identifier: Apache-2.0
extension SyscallTable {
    static let x86_64 = SyscallTable([])
    static let i386 = SyscallTable([])
    static let x32 = SyscallTable([])
    static let arm64 = SyscallTable([])
    static let arm = SyscallTable([])
}
