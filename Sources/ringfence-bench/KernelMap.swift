// SPDX-License-Identifier: Apache-2.0
import CBench
import Platform

/// A map of the daemon's programs, and what it takes.
struct KernelMap: Encodable {
    let name: String
    /// What the kernel accounts for it now (`memlock` in proc(5)'s fdinfo; exact since Linux 6.4), bytes.
    let bytes: Int

    /// All that the objects pinned in or below a directory are or use, the largest first.
    static func all(pinnedIn directory: String) -> [KernelMap] {
        var ids: Set<UInt32> = []
        var pins = [directory]
        var next = 0
        while next < pins.count {
            let pin = pins[next]
            next += 1
            if let names = try? FileTree.entries(of: pin) {
                pins += names.map { pin + "/" + $0 }
                continue
            }
            var some = [UInt32](repeating: 0, count: 64)
            // SAFETY: at most as many ids are written as the array has; both outlive the call.
            let count = unsafe rf_bench_pinned_maps(pin, &some, UInt32(some.count))
            if count > 0 { ids.formUnion(some.prefix(Int(count))) }
        }
        return ids.compactMap { map($0) }.sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) }
    }

    private static func map(_ id: UInt32) -> KernelMap? {
        var name = [CChar](repeating: 0, count: 17)
        // SAFETY: 16 bytes are written into an array of 17.
        let number = unsafe rf_bench_open_map(id, &name)
        guard number >= 0 else { return nil }
        let descriptor = Descriptor(owning: number)
        let bytes = (try? FileBytes.read("/proc/self/fdinfo/\(descriptor.number)", limit: 4096)) ?? []
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("memlock:") }
        let size = line?.split(whereSeparator: { $0 == "\t" || $0 == " " }).last.flatMap { Int($0) } ?? 0
        let text = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return KernelMap(name: String(decoding: text, as: UTF8.self), bytes: size)
    }
}
