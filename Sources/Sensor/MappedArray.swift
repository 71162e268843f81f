// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A BPF array map's elements, mapped into this process and shared with the kernel programs, which write it at any
/// time. Unmapped when the value dies.
@safe struct MappedArray<Element>: ~Copyable {
    private let base: UnsafeMutableRawPointer
    private let length: Int
    /// How many elements there are.
    let count: Int
    private let stride: Int

    /// Maps `count` elements of the map behind `descriptor`, which must have BPF_F_MMAPABLE (Linux 5.5).
    init(descriptor: CInt, count: Int, named name: String) throws(BPFError) {
        // The kernel rounds each element up to 8 bytes (kernel/bpf/arraymap.c).
        stride = (MemoryLayout<Element>.size + 7) & ~7
        let page = sysconf(Int32(_SC_PAGESIZE))
        length = (stride * count + page - 1) / page * page
        self.count = count
        // SAFETY: a fresh mapping of `length` bytes, owned by this value until munmap in deinit.
        guard let base = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            unsafe base != MAP_FAILED
        else { throw BPFError(step: .map, subject: name, errno: errno) }
        unsafe self.base = base
    }

    /// Calls `body` with the element in place; nil if there is none at `index`.
    @safe func withElement<Result>(_ index: Int, _ body: (UnsafeMutablePointer<Element>) -> Result?) -> Result? {
        guard index >= 0, index < count else { return nil }
        // SAFETY: index is inside the mapping, which lives as long as self; the kernel lays Element out like C does.
        return unsafe body((base + index * stride).assumingMemoryBound(to: Element.self))
    }

    deinit { _ = unsafe munmap(base, length) }
}
