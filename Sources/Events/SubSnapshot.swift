// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// What one executable did in one cgroup, copied from its sub-slot at one moment.
package struct SubSnapshot: Sendable {
    package private(set) var index: UInt32
    /// The slot of the cgroup.
    package private(set) var slot: UInt32
    /// Path inside the container, escaped; only its last part if `pathIsCut`. Empty for the "other" sub-slot.
    package let path: String
    package let device: UInt64
    package let inode: UInt64
    /// True if only the last part of the path fitted.
    package let pathIsCut: Bool
    /// True if the file had no name when it was first executed.
    package let isDeleted: Bool
    /// True if this stands for every executable beyond the bound.
    package let isOther: Bool
    package let firstSeenNanoseconds: UInt64
    /// Calls by phase and ABI; what was never used is absent.
    package let calls: [Phase: [CallABI: CallSet]]
    /// io_uring operations by phase.
    package let ioUring: [Phase: CallSet]
    /// Index of the page with call counts by phase and ABI, where one was made.
    package private(set) var countPages: [Phase: [CallABI: UInt32]]

    /// Copies a sub-slot; nil if it is not in use.
    @safe package init?(copying pointer: UnsafePointer<rf_sub>, index: UInt32) {
        // SAFETY: the sub-slot lies in a mapped array that outlives this call; words are copied one by one.
        let raw = unsafe pointer.pointee
        guard raw.state == UInt32(RF_READY) else { return nil }
        self.index = index
        slot = raw.slot
        path = unsafe KernelText.path(UnsafeRawPointer(pointer), offset: raw.path_offset)
        device = raw.device
        inode = raw.inode
        pathIsCut = raw.flags & UInt32(RF_SUB_PATH_CUT) != 0
        isDeleted = raw.flags & UInt32(RF_SUB_DELETED) != 0
        isOther = raw.flags & UInt32(RF_SUB_OTHER) != 0
        firstSeenNanoseconds = raw.first_seen_ns
        var calls: [Phase: [CallABI: CallSet]] = [:]
        var ioUring: [Phase: CallSet] = [:]
        var pages: [Phase: [CallABI: UInt32]] = [:]
        for phase in Phase.allCases {
            for abi in CallABI.allCases {
                let set = CallSet(
                    words: (0..<UInt32(RF_CALL_WORDS)).map {
                        unsafe rf_sub_calls(pointer, phase.rawValue, abi.rawValue, $0)
                    })
                if !set.isEmpty { calls[phase, default: [:]][abi] = set }
                let page = unsafe rf_sub_count_page(pointer, phase.rawValue, abi.rawValue)
                if page != 0, page != UInt32.max { pages[phase, default: [:]][abi] = page - 1 }
            }
            let operations = CallSet(
                words: (0..<UInt32(RF_IO_WORDS)).map { unsafe rf_sub_io_ops(pointer, phase.rawValue, $0) })
            if !operations.isEmpty { ioUring[phase] = operations }
        }
        self.calls = calls
        self.ioUring = ioUring
        countPages = pages
    }

    /// The same facts under other numbers: every index is `offset` higher, so that those of two tables can stand together.
    /// Counts stay behind: their pages are numbered too.
    package func shifted(by offset: UInt32) -> SubSnapshot {
        var copy = self
        copy.index &+= offset
        copy.slot &+= offset
        copy.countPages = [:]
        return copy
    }
}
