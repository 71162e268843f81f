// SPDX-License-Identifier: Apache-2.0
import Control

/// One call of a trace as strace would print it; `!` marks what the container's profile does not allow.
enum TracedLine {
    /// `[pid 4711] openat(0xffffff9c, 0x7ffd0c0, 0x0) /usr/bin/cat`
    static func text(_ call: JSONValue) -> String {
        let mark = call["allowed"]?.bool == false ? "! " : "  "
        let abi = call["abi"]?.text ?? ""
        let other = abi == "x86_64" || abi == "arm64" ? "" : " (\(abi))"
        let phase = call["phase"]?.text ?? ""
        var arguments = (call["arguments"]?.elements ?? []).compactMap(\.text)
        // How many arguments a call takes is not known here; zeros at the end say nothing.
        while arguments.count > 1, arguments.last == "0x0" { arguments.removeLast() }
        return
            "\(mark)[pid \(call["pid"]?.integer ?? 0)] \(call["call"]?.text ?? "?")(\(arguments.joined(separator: ", ")))"
            + "\(other) \(call["executable"]?.text ?? "")" + (phase == "workload" ? "" : " [\(phase)]")
    }
}
