// SPDX-License-Identifier: Apache-2.0
import Events
import Platform
import Recorder
import Seccomp

/// For which container conditions are resolved: `--cap-add`, `--cap-drop`, `--kernel`.
struct SeccompContext {
    static let options: [ParsedArguments.Option] = [
        .init(
            "--cap-add", value: "CAP", help: "resolve conditions for a container that has it besides; ALL for every one"
        ),
        .init("--cap-drop", value: "CAP", help: "resolve conditions for a container without it; ALL for none"),
        .init("--kernel", value: "VERSION", help: "resolve conditions for this kernel, as 6.1; this host's without"),
    ]

    private let added: [String]
    private let dropped: [String]
    private let kernel: (major: Int, minor: Int)

    init(_ arguments: ParsedArguments) throws(CommandFailure) {
        added = try Self.capabilities(arguments.all("--cap-add"))
        dropped = try Self.capabilities(arguments.all("--cap-drop"))
        if let text = try arguments.value("--kernel") {
            guard let version = EngineContext.kernel(text) else {
                throw .usage("--kernel is '\(HostileText.escaped(text))', but must be a version as 6.1")
            }
            kernel = version
        } else {
            kernel = EngineContext.kernel(HostEnvironment.kernel) ?? (6, 1)
        }
    }

    /// The context, beginning with what an engine gives by itself.
    func resolved(default capabilities: Set<String>) throws(CommandFailure) -> EngineContext {
        var held = dropped.contains("ALL") ? [] : capabilities
        if added.contains("ALL") { held.formUnion(EngineContext.allCapabilities) }
        held.formUnion(added.filter { $0 != "ALL" })
        held.subtract(dropped)
        return EngineContext(capabilities: held, kernel: kernel)
    }

    private static func capabilities(_ words: [String]) throws(CommandFailure) -> [String] {
        var names: [String] = []
        for word in words {
            let upper = word.uppercased()
            let name = upper == "ALL" || upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
            guard name == "ALL" || EngineContext.allCapabilities.contains(name) else {
                throw .usage("'\(HostileText.escaped(word))' is no capability; name one as SYS_ADMIN, or ALL")
            }
            names.append(name)
        }
        return names
    }
}
