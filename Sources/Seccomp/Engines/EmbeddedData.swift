// SPDX-License-Identifier: Apache-2.0
internal import CSeccompData

/// Files of `profiles/` that are part of the program.
enum EmbeddedData {
    static var dockerDefault: [UInt8] { unsafe copy(rf_docker_default()) }
    static var podmanDefault: [UInt8] { unsafe copy(rf_podman_default()) }
    static var containerdDefault: [UInt8] { unsafe copy(rf_containerd_default()) }
    static var callCVEs: [UInt8] { unsafe copy(rf_call_cves()) }
    static var callFamilies: [UInt8] { unsafe copy(rf_call_families()) }
    static var systemdSets: [UInt8] { unsafe copy(rf_systemd_sets()) }

    private static func copy(_ data: rf_data) -> [UInt8] {
        // SAFETY: the bytes are constants of the program, as many as the size says.
        unsafe Array(UnsafeBufferPointer(start: data.bytes, count: data.size))
    }
}
