// SPDX-License-Identifier: Apache-2.0
import Alerts
import CEvents
import Detection
import Events
import Profiles

extension FindingMaker {
    /// What a deviation is of.
    struct Description {
        var item: FindingItem
        var callClass: CallClass
        /// On the never-allow list; nil if it is not.
        var tier: Int?
        /// Why it is on that list.
        var reason: String?
        var isOperation = false
    }

    /// The call, operation or argument that a deviation names.
    static func describe(_ record: Record) -> Description {
        describe(
            number: record.number, abi: record.kind == .ioUringDeviation ? nil : record.abi, detail: record.detail,
            flags: record.arguments.first ?? 0)
    }

    /// The same for a kernel counter, which has no arguments.
    static func describe(number: Int, abi: CallABI?, detail: UInt32, flags: UInt64 = 0) -> Description {
        guard let abi else {
            let name = IOUringOperation.name(number)
            return Description(
                item: FindingItem(.ioOperation, name), callClass: .ofOperation(name), isOperation: true)
        }
        let name = SyscallTable.table(abi).name(number)
        let listed = listedArgument(detail: detail, flags: flags) ?? listedArgument(of: name, flags)
        let onList = listed ?? (detail == 0 ? name : nil)
        let tier = onList.flatMap { NeverAllow.tier(of: $0) }
        return Description(
            item: FindingItem(.call, listed ?? plainArgument(name, detail: detail), abi: abi.name(on: .current)),
            callClass: .ofCall(name), tier: tier.map(\.rawValue), reason: onList.flatMap { NeverAllow.reason(for: $0) })
    }

    /// The entry of the never-allow list that an argument is.
    private static func listedArgument(detail: UInt32, flags: UInt64) -> String? {
        if detail >= UInt32(RF_DETAIL_FAMILY) {
            let family = detail - UInt32(RF_DETAIL_FAMILY)
            return NeverAllow.socketFamilies.first { $0.value == family }?.key
        }
        guard detail == UInt32(RF_DETAIL_FLAGS), flags != 0 else { return nil }
        let set = NeverAllow.cloneFlags.filter { UInt64($0.value) & flags != 0 }
        // The gravest for people: a user namespace opens the rest.
        return set.keys.contains("clone:CLONE_NEWUSER") ? "clone:CLONE_NEWUSER" : set.keys.min() ?? "clone:CLONE_NEWNS"
    }

    /// The same for a call that is not allowed with any argument: its gravest reading is told. Flags of clone3(2) are in
    /// memory, and not known.
    private static func listedArgument(of name: String, _ value: UInt64) -> String? {
        switch name {
        case "socket": NeverAllow.socketFamilies.first { UInt64($0.value) == value & 0xffff_ffff }?.key
        case "clone": listedArgument(detail: UInt32(RF_DETAIL_FLAGS), flags: value & UInt64(NeverAllow.namespaceFlags))
        default: nil
        }
    }

    private static func plainArgument(_ name: String, detail: UInt32) -> String {
        guard detail >= UInt32(RF_DETAIL_FAMILY) else { return name }
        return "\(name):\(SocketFamily.name(Int(detail - UInt32(RF_DETAIL_FAMILY))))"
    }
}
