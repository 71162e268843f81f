// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection

/// Memory laid out like the kernel's array of policies.
@safe final class PolicyArray {
    private let memory: UnsafeMutablePointer<rf_policy>
    let tables: PolicyTables

    /// `count` policies that allow nothing.
    init(count: Int) {
        // SAFETY: owned by this object, zeroed, freed in deinit; tests keep the object while they use the view.
        unsafe memory = .allocate(capacity: count)
        unsafe memory.initialize(repeating: rf_policy(), count: count)
        tables = unsafe PolicyTables(memory, count: count)
    }

    /// One word as C reads it.
    func word(_ index: Int, judged: UInt32, abi: UInt32, word: UInt32) -> UInt64 {
        unsafe rf_policy_calls(memory + index, judged, abi, word)
    }

    func operationWord(_ index: Int, judged: UInt32, word: UInt32) -> UInt64 {
        unsafe rf_policy_io_ops(memory + index, judged, word)
    }

    /// Serial and profile number of one element.
    func identity(_ index: Int) -> (UInt64, UInt32) {
        unsafe (memory[index].serial, memory[index].profile)
    }

    deinit { unsafe memory.deallocate() }
}
