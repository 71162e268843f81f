// SPDX-License-Identifier: Apache-2.0
package import Events

/// One bit of a sub-slot: what an executable used in a phase.
package struct FirstUse: Hashable, Sendable {
    /// Sub-slot index.
    package let sub: UInt32
    package let phase: Phase
    /// nil for an io_uring operation.
    package let abi: CallABI?
    package let number: Int

    /// The use that a record tells of, or nil if it tells of something else.
    package init?(_ record: Record) {
        guard let sub = record.sub, record.kind == .firstUse || record.kind == .ioUringFirstUse else { return nil }
        self.init(
            sub: sub, phase: record.phase, abi: record.kind == .firstUse ? record.abi : nil, number: record.number)
    }

    /// A use.
    package init(sub: UInt32, phase: Phase, abi: CallABI?, number: Int) {
        self.sub = sub
        self.phase = phase
        self.abi = abi
        self.number = number
    }
}
