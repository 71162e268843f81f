// SPDX-License-Identifier: Apache-2.0
import CShims

/// Memory that the C library's allocator holds.
package enum HeapMemory {
    /// Gives what nobody uses back to the system: malloc_trim(3). Takes some milliseconds; any thread.
    package static func giveBack() { rf_give_back_memory() }
}
