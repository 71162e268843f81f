// SPDX-License-Identifier: Apache-2.0
import Containers
import Profiles
import Sensor

/// One container (or unit, or whatever else is in scope) while it lives, and until its facts are read. Control thread.
final class TrackedContainer {
    /// The cgroup that stands for it, as the kernel spells it.
    let path: String
    /// What is known of it; only an id where its state was gone before it could be read.
    var description: ContainerDescription
    let settings: ContainerSettings
    /// What its profile is filed under.
    let key: String
    let role: CgroupStanding.Role
    /// Slots of its cgroup and of those below.
    var slots: Set<UInt32> = []
    /// Those of them whose cgroup is gone: to be given back once their facts are saved.
    var departed: Set<UInt32> = []
    /// What replaced programs kept of it and no profile has yet.
    var inherited: [InheritedSlot] = []
    /// When to try to save that, nanoseconds of CLOCK_BOOTTIME.
    var inheritanceDue: UInt64 = 0
    /// When its current epoch began, nanoseconds of CLOCK_BOOTTIME.
    var epochBegan: UInt64
    /// When it was found, nanoseconds of CLOCK_BOOTTIME.
    let found: UInt64
    /// Whether its cgroup was removed.
    var isGone = false
    /// Records of it that found no room in the ring, when that was last looked at.
    var dropped: UInt64 = 0
    /// What the kernel had lost when its epoch began.
    var losses = Sensor.Losses.none
    /// When it began as far as alerts are concerned, and the slots that this was read from.
    var start: (slots: Set<UInt32>, time: UInt64)?
    /// What it was given; nil until that was read.
    var posture: Posture?
    /// What of that weakens it, in a few words, for alerts.
    var headlines: [String]?
    /// Whether an epoch of it was merged into its profile: the first one is a container's start.
    var epochs = 0

    init(_ description: ContainerDescription, path: String, role: CgroupStanding.Role, now: UInt64) {
        self.path = path
        self.description = description
        self.role = role
        settings = ContainerSettings(description)
        // The label is part of it, and so is the owner: a user's label must not name root's profile.
        key = ProfileKey(description).text
        found = now
        epochBegan = now
    }

    /// Whether what it does becomes part of its profile.
    var isLearnedFrom: Bool { settings.mode != .off && settings.mode != .monitor }

    /// Whether nothing but an id is known of it: what it ran under was gone before it could be read.
    var isNameless: Bool { !description.hasState && description.engine != .systemd }

    /// When its profile has learned enough: as the configuration says, but for what its labels say.
    func rule(from common: LearningRule) -> LearningRule {
        LearningRule(
            windowSeconds: settings.window.map { Int($0.components.seconds) } ?? common.windowSeconds,
            share: common.share, epochSeconds: common.epochSeconds, warmUpEpochs: common.warmUpEpochs,
            mode: settings.mode == .learn ? .learn : common.mode)
    }
}
