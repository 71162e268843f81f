// SPDX-License-Identifier: Apache-2.0
import Containers

/// One container that is recorded: its cgroup, and what is known of it.
struct WatchedContainer {
    let cgroupID: UInt64
    /// As the kernel spells it.
    let cgroupPath: String
    /// The same, as the cgroup tree shows it here.
    let treePath: String
    var description: ContainerDescription
    /// Whether its name was all that told it: its runtime is not known yet.
    let isGuess: Bool
    /// Whether a process was seen in it.
    var hasLived = false
    /// Whether it was there when the recording began.
    let isOld: Bool
}
