// SPDX-License-Identifier: Apache-2.0
import Platform

/// Finds systemd's units by their cgroups: systemd need not answer, and units of users are found as well.
package enum SystemdUnit {
    private static let types = [".service", ".scope", ".slice"]

    /// A unit's full name: `name` as it is, or a service of that name.
    package static func fullName(_ name: String) -> String {
        types.contains { name.hasSuffix($0) } ? name : name + ".service"
    }

    /// Whether a cgroup is that of the unit with this full name.
    package static func isCgroup(_ path: String, of unit: String) -> Bool { self.unit(of: path) == unit }

    /// systemd puts "_" before a name that could be taken for a file of the cgroup.
    private static func unit(of path: String) -> Substring {
        let last = path.split(separator: "/").last ?? ""
        return last.hasPrefix("_") ? last.dropFirst() : last
    }

    /// The cgroup of a unit: `name` as it is, or a service of that name. Of several the one nearest to the root is meant.
    /// The error lists names that are near.
    package static func cgroup(named name: String, in hierarchy: CgroupHierarchy) throws(ContainerError) -> String {
        let wanted = fullName(name)
        var units: [String] = []
        for path in hierarchy.descendants(of: "/") {
            let unit = String(unit(of: path))
            if unit == wanted { return path }
            if types.contains(where: { unit.hasSuffix($0) }) { units.append(unit) }
        }
        throw ContainerError(.findUnit, HostileText.escaped(wanted), reason(wanted, among: units))
    }

    private static func reason(_ wanted: String, among units: [String]) -> String {
        guard !units.isEmpty else {
            return "no systemd unit has a cgroup here; is this host run by systemd? use --cgroup or --pid instead"
        }
        let near = nearest(wanted, among: units).map { HostileText.escaped($0) }.joined(separator: ", ")
        return
            "no such unit is running; near names: \(near); start it with `systemctl start`, or wait for its start with --wait"
    }

    /// At most five names, nearest first by edit distance; one that contains the other counts as near.
    static func nearest(_ wanted: String, among units: [String]) -> [String] {
        let stem = wanted.prefix { $0 != "." }
        let scored = Set(units).map { unit in
            (unit, unit.contains(stem) ? 0 : distance(wanted, unit))
        }
        return scored.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(5).map(\.0)
    }

    /// Levenshtein's distance of the first 128 bytes.
    private static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.utf8.prefix(128))
        let b = Array(right.utf8.prefix(128))
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let substituted = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j + 1] + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
