// SPDX-License-Identifier: Apache-2.0
import Alerts
import Events
import Profiles
import Synchronization

/// What the writer thread must know of containers and profiles: written by the control thread as a whole, read as a whole.
final class WatchBoard: Sendable {
    /// One container, as it stands.
    struct Entry: Sendable {
        let container: AlertContainer
        let standing: ProfileStanding
        /// What the weight of an item is multiplied by, 0 to 1.
        let maturity: Double
        /// Executables that the profile holds; what is in it was learned.
        let executables: Set<String>
        /// Call tables that the profile uses.
        let abis: Set<CallABI>
        /// Exec sessions that recur.
        let probes: [ProfileProbe]
        /// By executable: who may execute it, and where its file may come from; what is missing is not known.
        var parents: [String: Set<String>] = [:]
        var origins: [String: Set<String>] = [:]
        /// Users and capabilities that are expected.
        var credentials = CredentialMatcher.open
        /// Network peers that are expected.
        var peers = PeerMatcher.open()
        /// When its first cgroup was seen, nanoseconds of CLOCK_BOOTTIME; 0 if it is older than the capture.
        let start: UInt64
        /// Whether findings are made of it at all.
        let isWatched: Bool

        var isMonitored: Bool { standing.state == .monitoring }
    }

    /// Whose a slot is.
    enum Owner: Sendable {
        case container(Entry)
        case nobody
    }

    /// A slot while one cgroup has it: slots are given on, and records of the cgroup that had one before may come late.
    struct Place: Hashable, Sendable {
        let slot: UInt32
        let cgroupID: UInt64
    }

    private let owners = Mutex<[Place: Owner]>([:])

    /// By place; what is missing has no name yet.
    var current: [Place: Owner] { owners.withLock { $0 } }

    /// Shows the writer how things stand now.
    func show(_ owners: [Place: Owner]) { self.owners.withLock { $0 = owners } }
}
