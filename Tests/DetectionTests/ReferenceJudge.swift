// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Events

/// The rules written a second time, the slow way: sets of numbers instead of words of bits.
struct ReferenceJudge {
    struct Policy {
        /// By session and ABI.
        var calls: [Bool: [UInt32: Set<Int>]] = [:]
        var operations: [Bool: Set<Int>] = [:]
    }

    /// What is asked: the fields of a record that matter.
    struct Question {
        var kind: UInt32
        var phase: UInt32
        var abi: UInt32
        var policy: UInt32
        var number: Int64
    }

    var policies: [Policy] = []

    func verdict(_ asked: Question) -> Verdict {
        guard let kind = RecordKind(rawValue: asked.kind), let phase = Phase(rawValue: asked.phase),
            CallABI(rawValue: asked.abi) != nil
        else { return .malformed }
        if kind == .join {
            return [.sessionSetup, .sessionFilteredSetup, .sessionWorkload].contains(phase) ? .session : .lifecycle
        }
        if kind == .cgroupMade || kind == .cgroupRemoved { return .lifecycle }
        if kind == .peer { return .peer }
        if kind == .dns { return .name }
        guard phase == .workload || phase == .sessionWorkload else { return .expected }
        if kind == .exec { return .executable }
        if kind == .denied { return .denied }
        if kind == .outOfRange { return .outOfRange }
        guard asked.policy > 0 else { return .expected }
        let policy = asked.policy <= policies.count ? policies[Int(asked.policy) - 1] : Policy()
        let session = phase == .sessionWorkload
        switch kind {
        case .ioUringDeviation: return .ioDeviation
        case .ioUringFirstUse:
            return policy.operations[session, default: []].contains(Int(asked.number)) ? .expected : .ioDeviation
        case .deviation: return refusal(asked, policy.calls[session, default: [:]])
        default:
            let allowed = policy.calls[session, default: [:]][asked.abi, default: []]
            return allowed.contains(Int(asked.number)) ? .expected : refusal(asked, policy.calls[session, default: [:]])
        }
    }

    private func refusal(_ asked: Question, _ calls: [UInt32: Set<Int>]) -> Verdict {
        guard (0..<576).contains(asked.number) else { return .outOfRange }
        let any = !calls[asked.abi, default: []].isEmpty
        return asked.abi == 0 || any ? .deviation : .foreignABI
    }
}
