// SPDX-License-Identifier: Apache-2.0
import Control

/// What `ringfence containers` does with the approved inventory.
enum InventoryTask {
    static func approve(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        var members: [String: JSONValue] = [:]
        members["reason"] = try arguments.value("--reason").map { .string($0) }
        if !arguments.operands.isEmpty { members["keys"] = .array(arguments.operands.map { .string($0) }) }
        let answer = try DaemonAddress(arguments).ask(.inventoryApprove, members)
        try OutputFormat(arguments).deliver(answer) {
            let missing = Set(answer.texts("notRunning"))
            return answer.texts("approved").map {
                "\($0): approved" + (missing.contains($0) ? "; no container of that key runs now" : "")
            } + answer.texts("already").map { "\($0): was approved already" }
                + ["\(NumberText.counted(Int(answer.count("keys")), "key")) in the inventory"]
        }
        return 0
    }

    static func disapprove(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        let isAll = arguments.has("--all")
        guard arguments.operands.isEmpty == isAll else {
            throw .usage("name the keys, or give --all: ringfence containers --disapprove KEY ...")
        }
        var members: [String: JSONValue] = isAll ? ["all": true] : [:]
        members["reason"] = try arguments.value("--reason").map { .string($0) }
        if !isAll { members["keys"] = .array(arguments.operands.map { .string($0) }) }
        let answer = try DaemonAddress(arguments).ask(.inventoryDisapprove, members)
        try OutputFormat(arguments).deliver(answer) {
            answer.flag("isKept")
                ? answer.texts("disapproved").map { "\($0): no longer approved" }
                : ["the inventory was given up: no container is unexpected any more"]
        }
        return 0
    }

    static func show(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard arguments.operands.isEmpty else { throw .usage("--inventory takes no names") }
        let answer = try DaemonAddress(arguments).ask(.inventory)
        try OutputFormat(arguments).deliver(answer) { lines(answer) }
        return 0
    }

    /// The inventory, for people.
    static func lines(_ answer: JSONValue) -> [String] {
        guard answer.flag("isKept") else {
            return ["nobody keeps an inventory; `ringfence containers --approve` begins one with all that runs"]
        }
        var table = TextTable(.left, .left, .left, .left)
        table.add("KEY", "RUNNING", "APPROVED BY", "REASON")
        for entry in answer["approved"]?.elements ?? [] {
            table.add(
                entry.string("key"), "\(entry.count("running"))", "\(entry.string("author")) \(entry.string("date"))",
                entry.string("reason"))
        }
        return table.lines(indent: 0) + answer.texts("unexpected").map { "runs, and is not approved: \($0)" }
    }
}
