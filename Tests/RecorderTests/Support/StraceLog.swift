// SPDX-License-Identifier: Apache-2.0

/// What strace(1), with -f and -o, saw of one run.
struct StraceLog {
    /// Names of the calls entered after the program was executed for which the recorder counts.
    private(set) var names: Set<String> = []
    /// Lines that name no call and are no signal, exit or second half of a call.
    private(set) var oddLines: [String] = []

    /// Reads a log whose first process joined a cgroup and then executed the program under observation: its calls up to
    /// that second execve(2) are not the program's.
    init(_ text: String) {
        var executed = 0
        var first: Substring?
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard fields.count == 2 else { continue }
            if first == nil { first = fields[0] }
            let event = fields[1].drop { $0 == " " }
            guard !event.hasPrefix("+++"), !event.hasPrefix("---"), !event.hasPrefix("<...") else { continue }
            guard let end = event.firstIndex(of: "("), end != event.startIndex else {
                if executed >= 2 { oddLines.append(String(line)) }
                continue
            }
            let name = String(event[..<end])
            if executed < 2 {
                // A failed attempt along PATH is not the program's either.
                if fields[0] == first, name == "execve", event.hasSuffix("= 0") { executed += 1 }
                continue
            }
            names.insert(name)
        }
    }
}
