// SPDX-License-Identifier: Apache-2.0
import Control

/// The list of what is watched, for people.
enum ContainerText {
    static func lines(_ containers: [JSONValue]) -> [String] {
        guard !containers.isEmpty else { return ["nothing is watched: no container runs"] }
        var table = TextTable(.left, .left, .left, .left, .left, .right, .left, .left, .left)
        table.add("NAME", "ENGINE", "IMAGE", "PROFILE", "STATE", "RISK", "STARTED", "LAST ALERT", "READINESS")
        for container in containers {
            table.add(
                name(container), container.string("engine"), dash(container.string("image")), container.string("key"),
                dash(container.string("state")) + (container.texts("partial").isEmpty ? "" : " (partial)"),
                risk(container), dash(String(container.string("started").prefix(19))),
                dash(String(container.string("lastAlert").prefix(19))), dash(container.string("readiness")))
        }
        return table.lines(indent: 0)
    }

    /// With the beginning of the id where that says more.
    private static func name(_ container: JSONValue) -> String {
        let (name, id) = (container.string("name"), container.string("id"))
        return name == id ? String(name.prefix(24)) : name
    }

    /// With a question mark where something that counts is not known.
    private static func risk(_ container: JSONValue) -> String {
        guard let risk = container["risk"]?.integer else { return "-" }
        return "\(risk)" + (container.texts("unknown").isEmpty ? "" : "?")
    }

    private static func dash(_ text: String) -> String { text.isEmpty ? "-" : text }
}
