// SPDX-License-Identifier: Apache-2.0
package import CEvents

/// A copy of one event record. Text is escaped. Fields that a kind does not use are 0 or empty.
package struct Record: Sendable, Equatable {
    /// A process above the one that a record is about.
    package struct Ancestor: Sendable, Equatable {
        /// Thread group id in the initial pid namespace.
        package let pid: UInt32
        /// Start of the process, nanoseconds of CLOCK_BOOTTIME; with the pid it names a process for ever.
        package let startNanoseconds: UInt64
        package let comm: String
    }

    package let kind: RecordKind
    /// When, nanoseconds of CLOCK_BOOTTIME.
    package let timeNanoseconds: UInt64
    package let cgroupID: UInt64
    /// Index of the cgroup's slot, or nil if it has none.
    package let slot: UInt32?
    /// Index of the executable's sub-slot, or nil.
    package let sub: UInt32?
    package let phase: Phase
    package let abi: CallABI
    /// Thread id and thread group id in the initial pid namespace.
    package let pid: UInt32
    package let tgid: UInt32
    /// Real user id in the initial user namespace.
    package let uid: UInt32
    package let startNanoseconds: UInt64
    /// System call or io_uring operation number.
    package let number: Int
    /// The filter's answer to a denied call: a negative errno.
    package let result: Int
    package let arguments: [UInt64]
    /// Device and inode of the executable.
    package let device: UInt64
    package let inode: UInt64
    package let comm: String
    /// Nearest first.
    package let ancestors: [Ancestor]
    /// The executable's path, or the cgroup's for `cgroupMade` and `cgroupRemoved`.
    package let path: String
    /// True if only the last part of the path fitted.
    package let pathIsCut: Bool
    /// True if the executable had no name when it was executed: a memfd, or an unlinked file.
    package let isDeleted: Bool
    /// Of `exec`: the script that the executable interprets, as its caller named it: nothing says that this file was read.
    /// Nil if it was executed for itself. Escaped; ends with "..." if it is longer than what is kept.
    package let script: String?
    /// Of a deviation: how often so far, this one included.
    package let count: UInt64
    /// Index of the policy at that moment; nil if there was none.
    package let policy: UInt32?
    /// Of a deviation: `RF_DETAIL_*`, which argument of an allowed call; 0 for the call itself.
    package let detail: UInt32

    /// Of `dns`: the first bytes of the message; `number` is how many it has.
    package let message: [UInt8]

    /// Of `exec` and `join`: the cgroup that the task is in or was in, where that is another than the record's and has a slot.
    package var origin: UInt64? {
        guard kind == .exec || kind == .join, let id = arguments.first, id != 0, id != cgroupID else { return nil }
        return id
    }

    /// Of `exec`: the program runs in the container's mount namespace and not in its cgroup, as nsenter(1) does it.
    package var isEntry: Bool { kind == .exec && detail == UInt32(RF_DETAIL_ENTERED) }

    /// Of `exec`: whether an entry of the kernel's table of edges, or of that of credentials, was made with it.
    package var isNewEdge: Bool { kind == .exec && detail & UInt32(RF_DETAIL_EDGE) != 0 }
    package var hasNewCredentials: Bool { kind == .exec && detail & UInt32(RF_DETAIL_CREDENTIALS) != 0 }

    /// Of `exec`: nothing was executed; a process was seen with credentials that it has given itself.
    package var isUnchanged: Bool { kind == .exec && detail & UInt32(RF_DETAIL_UNCHANGED) != 0 }

    /// Of `exec`: the sub-slot of the executable that executed this one; nil if that was set-up, or is not known.
    package var parentSub: UInt32? {
        guard kind == .exec, arguments.count > 1, let number = UInt32(exactly: arguments[1]), number > 0 else {
            return nil
        }
        return number - 1
    }

    /// Copies a record out of a ring; nil if its kind, phase or ABI is not one of ours. What lies before its path's
    /// text and behind its last ancestor is not looked at.
    @safe package init?(copying pointer: UnsafePointer<rf_record>) {
        // SAFETY: the caller's record is whole and stays until this returns; everything is copied.
        let raw = unsafe pointer.pointee
        guard let kind = RecordKind(rawValue: raw.kind), let phase = Phase(rawValue: raw.phase),
            let abi = CallABI(rawValue: raw.abi)
        else { return nil }
        self.kind = kind
        self.phase = phase
        self.abi = abi
        timeNanoseconds = raw.time_ns
        cgroupID = raw.cgroup_id
        slot = raw.slot == UInt32.max ? nil : raw.slot
        sub = raw.sub == UInt32.max ? nil : raw.sub
        pid = raw.pid
        tgid = raw.tgid
        uid = raw.uid
        startNanoseconds = raw.start_ns
        number = Int(raw.number)
        result = Int(raw.result)
        count = raw.count
        policy = raw.policy == 0 ? nil : raw.policy - 1
        detail = raw.detail
        device = raw.device
        inode = raw.inode
        pathIsCut = raw.path_flags & UInt32(RF_SUB_PATH_CUT) != 0
        isDeleted = raw.path_flags & UInt32(RF_SUB_DELETED) != 0
        arguments = (0..<UInt32(RF_ARGS)).map { unsafe rf_record_argument(pointer, $0) }
        comm = unsafe KernelText.comm(rf_record_comm(pointer))
        guard kind != .dns else {
            message = unsafe Self.message(UnsafeRawPointer(pointer), length: Int(clamping: raw.number))
            path = ""
            script = nil
            ancestors = []
            return
        }
        message = []
        path = unsafe KernelText.path(
            UnsafeRawPointer(pointer), offset: UInt32(min(UInt64(raw.path_offset) + UInt64(raw.path_skip), 255)))
        script =
            raw.path_skip == 0
            ? nil
            : unsafe KernelText.path(UnsafeRawPointer(pointer), offset: raw.path_offset)
                + (raw.path_flags & UInt32(RF_SCRIPT_CUT) != 0 ? "..." : "")
        var ancestors: [Ancestor] = []
        for index in 0..<min(raw.ancestor_count, UInt32(RF_ANCESTORS)) {
            guard let ancestor = unsafe rf_record_ancestor(pointer, index) else { break }
            unsafe ancestors.append(
                Ancestor(
                    pid: ancestor.pointee.pid, startNanoseconds: ancestor.pointee.start_ns,
                    comm: KernelText.comm(rf_ancestor_comm(ancestor))))
        }
        self.ancestors = ancestors
    }

    /// The two halves of a message, one in the path's place and one in the ancestors'; the second is there only if the
    /// message is longer than the first.
    @safe private static func message(_ record: UnsafeRawPointer, length: Int) -> [UInt8] {
        let half = Int(RF_DNS_HALF)
        let size = MemoryLayout<rf_record>.size
        // SAFETY: the caller's record is whole; both ranges lie inside it, as the shared header asserts.
        return unsafe [UInt8](UnsafeRawBufferPointer(start: record, count: min(max(length, 0), half)))
            + [UInt8](UnsafeRawBufferPointer(start: record + (size - half), count: min(max(length - half, 0), half)))
    }
}
