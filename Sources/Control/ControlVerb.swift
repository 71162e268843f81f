// SPDX-License-Identifier: Apache-2.0

/// Everything that can be asked of the daemon. Arguments are named in the comments; `?` marks optional ones.
package enum ControlVerb: String, CaseIterable, Sendable {
    // Reading.
    case ping
    case status
    /// `container`?: its name or id; then with its whole posture.
    case containers
    /// The keys of containers that are approved.
    case inventory
    /// `container`?: its name or id.
    case network
    /// `follow` (bool): a tail instead of a list; `since` (seconds)?, `container`?, `severity`?, `rule`?.
    case alerts
    /// `id`: one of the newest alerts; older ones are in the files alone.
    case explain
    /// `since` (seconds)?: the newest records; the whole is read, and verified, from the file alone.
    case audit
    case profileList = "profile.list"
    /// `key`.
    case profileShow = "profile.show"
    /// `key`, `other`.
    case profileDiff = "profile.diff"
    /// `key`: the profile as its file has it.
    case profileExport = "profile.export"
    case allowList = "allow.list"

    // Changing; each takes `reason`?.
    /// `key`, `others` (array).
    case profileMerge = "profile.merge"
    /// `key`, `entries` (array)?, `force` (bool)?.
    case profileApprove = "profile.approve"
    /// `key`, `entries` (array).
    case profileHold = "profile.hold"
    /// `key`, `entries` (array).
    case profileReject = "profile.reject"
    /// `key`.
    case profileRelearn = "profile.relearn"
    /// `key`, `locked` (bool).
    case profileLock = "profile.lock"
    /// `key`, `profile` (object).
    case profileImport = "profile.import"
    /// `alert`, `scope`?, `expires` (seconds)?.
    case allow
    case allowRemove = "allow.remove"
    /// `keys` (array)?: those of all containers that run without.
    case inventoryApprove = "inventory.approve"
    /// `keys` (array), or `all` (bool): nobody keeps an inventory any more.
    case inventoryDisapprove = "inventory.disapprove"
    /// A marked alert through every sink.
    case alertsTest = "alerts.test"
    /// `container`: a tail of its calls with their arguments, which makes it more than reading.
    case trace
    case reload

    /// Who may ask.
    package enum Access: String, Sendable {
        /// Whoever can connect: root and the socket's group.
        case read
        /// Root, and the administrators' group where one is configured.
        case admin
    }

    /// Who may ask for this.
    package var access: Access {
        switch self {
        case .ping, .status, .containers, .inventory, .network, .alerts, .explain, .audit, .profileList, .profileShow,
            .profileDiff,
            .profileExport, .allowList:
            .read
        case .profileMerge, .profileApprove, .profileHold, .profileReject, .profileRelearn, .profileLock,
            .profileImport, .allow, .allowRemove, .inventoryApprove, .inventoryDisapprove, .alertsTest, .trace, .reload:
            .admin
        }
    }
}
