// SPDX-License-Identifier: Apache-2.0

/// What is used of an OCI bundle's `config.json`.
struct OCIConfig: Decodable {
    struct Process: Decodable { let args: [String]? }
    struct Linux: Decodable { let cgroupsPath: String? }
    let process: Process?
    let annotations: [String: String]?
    let linux: Linux?

    /// The cgroup that `linux.cgroupsPath` means: a path for the cgroupfs driver, "SLICE:PREFIX:NAME" for systemd, where
    /// "a-b.slice" lies in "a.slice" (systemd.slice(5)). Nil for anything else.
    var cgroupPath: String? {
        guard let text = linux?.cgroupsPath, !text.utf8.contains(0) else { return nil }
        if text.hasPrefix("/") { return text.split(separator: "/").contains("..") ? nil : text }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !text.contains("/"), let stem = parts[0].dropping(suffix: ".slice") else { return nil }
        let unit = parts[1].isEmpty ? parts[2] : "\(parts[1])-\(parts[2])"
        var path = ""
        var slice = ""
        for word in stem.split(separator: "-") {
            slice += slice.isEmpty ? String(word) : "-\(word)"
            path += "/\(slice).slice"
        }
        return "\(path)/\(unit)\(unit.hasSuffix(".slice") ? "" : ".scope")"
    }
}
