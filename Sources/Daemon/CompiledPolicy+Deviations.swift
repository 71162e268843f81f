// SPDX-License-Identifier: Apache-2.0
import Events
import Profiles
import Sensor

extension CompiledPolicy {
    /// What an executable has done that the policy does not allow.
    func deviations(of sub: SubSnapshot) -> [Sensor.Deviation] {
        var found: [Sensor.Deviation] = []
        func add(_ number: Int, _ abi: CallABI?, _ isSession: Bool) {
            found.append(
                Sensor.Deviation(
                    sub: sub.index, number: number, abi: abi, isSession: isSession, detail: 0, count: 1,
                    firstNanoseconds: sub.firstSeenNanoseconds))
        }
        for (phase, allowed) in [(Phase.workload, workload), (.sessionWorkload, session)] {
            for (abi, seen) in sub.calls[phase] ?? [:] {
                let set = allowed[abi] ?? CallSet()
                for number in seen.numbers where !set.contains(number) { add(number, abi, phase == .sessionWorkload) }
            }
        }
        for number in (sub.ioUring[.workload] ?? CallSet()).numbers where !workloadIO.contains(number) {
            add(number, nil, false)
        }
        return found
    }
}
