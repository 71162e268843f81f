// SPDX-License-Identifier: Apache-2.0
import CShims
package import Platform

extension ChildProcess.Request {
    /// Has a seccomp filter answer this call, of the native table, with ENOSYS.
    package mutating func refuse(_ number: UInt32) {
        filter = [
            // seccomp_data.nr; equal or skip one; SECCOMP_RET_ERRNO; SECCOMP_RET_ALLOW.
            rf_bpf_instruction(code: 0x20, jt: 0, jf: 0, k: 0),
            rf_bpf_instruction(code: 0x15, jt: 0, jf: 1, k: number),
            rf_bpf_instruction(code: 0x06, jt: 0, jf: 0, k: 0x0005_0026),
            rf_bpf_instruction(code: 0x06, jt: 0, jf: 0, k: 0x7fff_0000),
        ]
    }
}
