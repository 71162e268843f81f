// SPDX-License-Identifier: Apache-2.0
import Control

/// `ringfence.status/v1` for people.
enum StatusText {
    static func lines(_ status: JSONValue) -> [String] {
        head(status) + programs(status) + watched(status) + queues(status) + memory(status) + accounts(status)
    }

    private static func head(_ status: JSONValue) -> [String] {
        var lines = [
            "ringfenced \(status.string("version")) on \(status.string("host")) (Linux \(status.string("kernel"))), pid "
                + "\(status.count("pid")), up \(span(status.count("uptimeSeconds"))), watching \(status.string("scope"))"
        ]
        lines.append(
            status.flag("isTakenOver")
                ? "programs and facts of the last daemon were taken over: nothing was missed"
                : "programs were attached when it was started")
        lines += status.texts("replaced").map { "programs of another make were replaced: \($0)" }
        if status.flag("isFallback") { lines.append("only calls per cgroup are seen: the kernel is older than 5.11") }
        return lines
    }

    private static func programs(_ status: JSONValue) -> [String] {
        let all = status["programs"]?.elements ?? []
        let missing = all.filter { !$0.flag("isAttached") }
        var lines = ["", "programs: \(all.count - missing.count) of \(all.count) attached"]
        lines += missing.map { "  missing \($0.string("name")): \($0.string("loss")) (\($0.string("missing")))" }
        if let network = status["network"] {
            lines.append(
                network.flag("isWatched")
                    ? "  network addresses: \(network.count("peers")) are kept, \(network.count("lost")) contacts found no room"
                    : "  network addresses are not watched" + (network["reason"]?.text.map { ": \($0)" } ?? ""))
        }
        if let names = status["network"]?["names"], status["network"]?.flag("isWatched") == true {
            let foreign = names.count("foreignQueries") + names.count("unaskedAnswers")
            lines.append(
                names.flag("isRead")
                    ? "  names: \(names.count("addresses")) addresses have one, from \(names.count("answers")) answers; "
                        + "\(foreign) queries and answers of others were ignored, \(names.count("malformed")) were malformed, "
                        + "\(names.count("lost")) found no room"
                    : "  names are not read" + (names["reason"]?.text.map { ": \($0)" } ?? ""))
        }
        if let executions = status["executions"] {
            lines.append(
                executions.flag("isWatched")
                    ? "  executions: \(executions.count("edges")) edges and \(executions.count("credentials")) credentials are kept; "
                        + "\(executions.count("lostEdges")) executions and \(executions.count("lostCredentials")) sights of "
                        + "credentials found no room"
                    : "  who executes what is not watched: the kernel is too old")
        }
        lines += status.texts("pins").map { "  pinned in \($0)" }
        lines += status.texts("missingPins").map { "  its pin was removed: \($0)" }
        let beat = status["heartbeat"]?["kernel"]?.number
        lines.append("  heartbeat through the kernel: " + (beat.map { "\($0) s ago" } ?? "none so far"))
        return lines
    }

    private static func watched(_ status: JSONValue) -> [String] {
        let containers = status["containers"] ?? .null
        let profiles = status["profiles"] ?? .null
        let slots = status["slots"] ?? .null
        let tables = status["tables"] ?? .null
        let losses = status["losses"] ?? .null
        var lines = [
            "",
            "containers: \(containers.count("total")) ("
                + ["learning", "ready", "monitoring", "off"].map {
                    "\(containers.count($0)) \($0)"
                }.joined(separator: ", ") + "), named \(containers.count("named")), gone before they were named "
                + "\(containers.count("goneBeforeNamed"))",
            "profiles: \(profiles.count("total")), tables \(tables.count("used")) of \(tables.count("total"))"
                + (tables.count("shortages") > 0 ? ", none was free \(tables.count("shortages")) times" : "")
                + ", saves that failed \(profiles.count("saveFailures"))",
            "slots: \(slots.count("used")) of \(slots.count("total")), executables \(slots.count("executables")) of "
                + "\(slots.count("executablesTotal"))",
            "facts lost: \(losses.count("cgroups")) cgroups, \(losses.count("executables")) executables, "
                + "\(losses.count("tasks")) tasks, \(losses.count("denials")) denied calls",
        ]
        if losses.count("deviations") > 0 {
            lines.append(
                "  deviations that were not counted: \(losses.count("deviations")); counts in alerts are lower bounds")
        }
        if !profiles.string("saveFailure").isEmpty { lines.append("  cannot save: \(profiles.string("saveFailure"))") }
        for (owner, count) in (profiles["refused"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append(
                "  no profile was begun for \(count.number ?? 0) keys of \(owner), which has its share of them")
        }
        if profiles.count("unfiled") + profiles.count("givenUp") > 0 {
            lines.append(
                "  kept without a profile of their own: \(profiles.count("unfiled")) containers, dropped from there "
                    + "\(profiles.count("unfiledDropped")), never saved \(profiles.count("givenUp"))")
        }
        for (key, reason) in (profiles["unreadable"]?.members ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("  unreadable: \(key): \(reason.text ?? "")")
        }
        if status.count("auditUnwritten") > 0 {
            lines.append("audit: \(status.count("auditUnwritten")) records could not be written")
        }
        return lines
    }

    private static func queues(_ status: JSONValue) -> [String] {
        let queues = status["queues"] ?? .null
        var table = TextTable(.left, .right, .right, .right)
        table.add("queue", "waiting", "passed", "dropped")
        for (name, key) in [
            ("kernel to writer", "records"), ("trace", "trace"), ("control to writer", "toWriter"),
            ("writer to control", "toControl"),
        ] {
            let queue = queues[key] ?? .null
            table.add(
                name, "\(queue.count("waiting"))", queue["passed"] == nil ? "" : "\(queue.count("passed"))",
                "\(queue.count("dropped"))")
        }
        for sink in status["sinks"]?.elements ?? [] {
            table.add(
                sink.string("name"), "\(sink.count("waiting"))", "\(sink.count("delivered"))",
                "\(sink.count("dropped"))")
        }
        var lines = [""] + table.lines()
        for sink in status["sinks"]?.elements ?? [] where !sink.string("lastError").isEmpty {
            lines.append("  \(sink.string("name")) fails: \(sink.string("lastError"))")
        }
        let problem = status["metrics"]?.string("problem") ?? ""
        if !problem.isEmpty { lines.append("  metrics are not given out: \(problem)") }
        return lines
    }

    private static func memory(_ status: JSONValue) -> [String] {
        var table = TextTable(.left, .right)
        for map in status["maps"]?.elements ?? [] { table.add(map.string("name"), kibibytes(map.count("bytes"))) }
        table.add("all maps", kibibytes(status.count("mapBytes")))
        table.add("process (RSS, maps it looks into included)", kibibytes(status.count("rssBytes")))
        return ["", "memory"] + table.lines()
    }

    private static func accounts(_ status: JSONValue) -> [String] {
        var table = TextTable(.left, .right, .right, .right, .right)
        table.add("records of", "produced", "delivered", "suppressed", "dropped")
        func add(_ name: String, _ account: JSONValue) {
            table.add(
                name, "\(account.count("produced"))", "\(account.count("delivered"))",
                "\(account.count("suppressed"))", "\(account.count("dropped"))")
        }
        for account in status["accountOfContainers"]?.elements ?? [] { add(account.string("name"), account) }
        add("all cgroups", status["accounts"] ?? .null)
        let omitted = status.count("accountsOmitted")
        return [""] + table.lines() + (omitted > 0 ? ["  and \(omitted) containers with smaller accounts"] : [])
    }

    private static func kibibytes(_ bytes: Int64) -> String { NumberText.grouped((bytes + 1023) / 1024) + " KiB" }

    /// "3 d 4 h", "2 h 5 min", "40 s".
    static func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: "\(seconds) s"
        case ..<3600: "\(seconds / 60) min"
        case ..<86_400: "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: "\(seconds / 86_400) d \(seconds % 86_400 / 3600) h"
        }
    }
}
