// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events

/// What the control thread tells the writer thread.
enum WriterMessage: Sendable {
    /// Something to be announced that no record tells of: a loss, a gap, a test.
    case finding(Finding)
    /// What the kernel has counted for a deviation, and the finding to make of it if no record of it was seen.
    case reading(counter: UInt64, total: UInt64, finding: Finding)
    /// An executable that no profile expects has run in this place, and the finding to make of it if no record of it was
    /// seen.
    case execution(sub: UInt32, WatchBoard.Place, Finding)
    /// What the kernel has counted for a network peer that is not expected, and the finding to make of it if it is part of
    /// no open incident.
    case peer(counter: UInt64, total: UInt64, finding: Finding)
    /// What an exec session did, told with the session's incident if there is one.
    case related(Finding)
    /// What earlier daemons told of replaced executables.
    case replaced(ToldExecutions)
    /// The container of this id has ended, and what it did is saved.
    case ended(container: String)
    /// Places of executables were given back: what was counted for them says nothing of the next.
    case released(Set<UInt32>)
    /// A call of this profile waits for a decision, and was announced by an earlier run.
    case held(FindingItem, profile: String)
    /// The decision about it was to reject it: it is announced again when it is made again.
    case decided(FindingItem, profile: String)
    /// Alerts go elsewhere from now on.
    case sinks([SinkSetting])
}

/// What the writer thread passes on to the control thread.
enum ControlMessage: Sendable {
    /// A cgroup was made or removed, or a task joined one.
    case lifecycle(Record)
    /// An exec session ran a program: its path and command line, for telling probes.
    case session(WatchBoard.Place, executable: String, arguments: [String])
    /// A first contact with a unix socket, whose name is in the kernel's table.
    case contact(Record)
    /// The first time that one executable executed another, or credentials were seen: what it was is in the kernel's tables.
    case execution(Record)
    /// An alert went out: its line, for those who follow.
    case alert(line: [UInt8])
    /// Something for the daemon's own log.
    case complaint(String)
}
