// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// Waits until every kernel program that runs now has ended. The kernel does so before an update of a map of maps returns
/// (`maybe_wait_bpf_programs`, Linux 4.20), for programs that cannot sleep, as ours: one RCU grace period.
struct GracePeriod: ~Copyable {
    private let inner: CInt
    private let outer: CInt

    /// Makes what is waited with, so that nothing can fail once it matters.
    init() throws(BPFError) {
        let inner = unsafe bpf_map_create(BPF_MAP_TYPE_ARRAY, "rf_grace_inner", 4, 4, 1, nil)
        guard inner >= 0 else { throw BPFError(step: .map, subject: "rf_grace_inner", errno: inner) }
        var options = bpf_map_create_opts()
        options.sz = MemoryLayout<bpf_map_create_opts>.size
        options.inner_map_fd = UInt32(inner)
        let outer = unsafe bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "rf_grace", 4, 4, 1, &options)
        guard outer >= 0 else {
            _ = close(inner)
            throw BPFError(step: .map, subject: "rf_grace", errno: outer)
        }
        self.inner = inner
        self.outer = outer
    }

    /// Waits; some milliseconds.
    func wait() throws(BPFError) {
        var zero: UInt32 = 0
        var value = inner
        guard unsafe bpf_map_update_elem(outer, &zero, &value, 0) == 0 else {
            throw BPFError(step: .map, subject: "rf_grace", errno: errno)
        }
    }

    deinit {
        _ = close(inner)
        _ = close(outer)
    }
}
