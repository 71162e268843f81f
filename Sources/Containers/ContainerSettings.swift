// SPDX-License-Identifier: Apache-2.0

/// What a container's labels ask of Ringfence. A label that cannot be used is put into words and has no effect.
package struct ContainerSettings: Equatable, Sendable {
    /// What is done with a container, whatever the configuration says.
    package enum Mode: String, Sendable, CaseIterable {
        /// Learned and never compared.
        case learn
        /// Never learned from: compared with the profile of its key, which was imported or learned from others.
        case monitor
        /// Left alone.
        case off
    }

    /// The profile's key, `ringfence.profile`; safe to print.
    package private(set) var profile: String?
    /// `ringfence.mode`.
    package private(set) var mode: Mode?
    /// The training window, `ringfence.window`; from one second to ten years.
    package private(set) var window: Duration?
    /// One sentence for each label of ours that was not used, safe to print, at most 16.
    package private(set) var complaints: [String] = []

    /// How the names of our labels begin.
    static let prefix = "ringfence."
    /// The most bytes of a profile's key.
    static let keyLimit = 256

    /// Reads the labels of a container. Of whom they are counts: those that came with the image are not of the one who runs
    /// it, and a user's container may not be taken out of what is watched by that user.
    package init(_ container: ContainerDescription) {
        for name in container.labels.keys.sorted() where name.hasPrefix(Self.prefix) {
            let value = container.labels[name] ?? ""
            if container.inheritedLabels.contains(name) {
                complain(name, value, "it comes with the image; set it on the container")
            } else {
                take(name, value, owner: container.owner)
            }
        }
    }

    private mutating func take(_ name: String, _ value: String, owner: UInt32) {
        switch name {
        case ProfileKey.label:
            guard !value.isEmpty, value.utf8.count <= Self.keyLimit, !value.contains("\\"), value != ".", value != ".."
            else {
                return complain(name, value, "a key is 1 to \(Self.keyLimit) bytes of printable text")
            }
            profile = value
        case "ringfence.mode":
            guard let wanted = Mode(rawValue: value) else {
                return complain(name, value, "it is learn, monitor or off")
            }
            guard owner == 0 else {
                return complain(name, value, "user \(owner) may not decide how it is watched; set it in ringfence.conf")
            }
            mode = wanted
        case "ringfence.window":
            guard let wanted = Self.duration(value) else {
                return complain(name, value, "a window is a number and s, m, h or d, 1s to 3650d, for example 24h")
            }
            guard owner == 0 else {
                return complain(name, value, "user \(owner) may not set it; set it in ringfence.conf")
            }
            window = wanted
        default: complain(name, value, "there is no such label; known are ringfence.profile, .mode and .window")
        }
    }

    private mutating func complain(_ name: String, _ value: String, _ reason: String) {
        guard complaints.count < 16 else { return }
        complaints.append("the label \(name.prefix(64))=\(value.prefix(64)) is ignored: \(reason)")
    }

    /// "90s", "10m", "24h", "7d" or several of them, "1h30m", in any order; nil for anything else, less than a second and
    /// more than ten years.
    static func duration(_ text: String) -> Duration? {
        let longest: UInt64 = 3650 * 86_400
        var total: UInt64 = 0
        var number: UInt64?
        for byte in text.utf8 {
            if (0x30...0x39).contains(byte) {
                let next = (number ?? 0) * 10 + UInt64(byte - 0x30)
                guard next <= longest else { return nil }
                number = next
                continue
            }
            let units: [UInt8: UInt64] = [0x73: 1, 0x6D: 60, 0x68: 3600, 0x64: 86_400]
            guard let count = number, let unit = units[byte] else { return nil }
            total += count * unit
            guard total <= longest else { return nil }
            number = nil
        }
        guard number == nil, total >= 1 else { return nil }
        return .seconds(Int64(total))
    }
}
