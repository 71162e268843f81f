// SPDX-License-Identifier: Apache-2.0

extension FixedWidthInteger {
    /// The sum with another number, or the largest number there is; neither is negative. Counts come from files, too, and what
    /// is wrong there ends no daemon.
    package func saturatingSum(_ other: Self) -> Self {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? .max : sum
    }
}
