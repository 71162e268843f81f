// SPDX-License-Identifier: Apache-2.0
import Platform

/// A health check as Docker's and Podman's state and images' configurations have it.
struct HealthcheckSetting: Decodable {
    let Test: [String]?

    /// Whose rules turn the setting into a command.
    enum Engine {
        /// `shell` is the image's SHELL instruction, empty for Docker's "/bin/sh -c".
        case docker(shell: [String])
        case podman
    }

    /// The arguments of the process that the engine executes in the container, escaped; empty for none.
    func command(_ engine: Engine) -> [String] {
        guard let test = Test, let kind = test.first else { return [] }
        let rest = Array(test.dropFirst())
        let command: [String]
        switch (kind, engine) {
        case ("NONE", _), ("", _): command = []
        case ("CMD", _): command = rest
        case ("CMD-SHELL", .docker(let shell)): command = (shell.isEmpty ? ["/bin/sh", "-c"] : shell) + rest
        case ("CMD-SHELL", .podman): command = ["sh", "-c", rest.joined(separator: " ")]
        // Podman takes a list without a keyword for the command itself; Docker executes nothing.
        case (_, .podman): command = test
        case (_, .docker): command = []
        }
        return command.map { HostileText.escaped($0) }
    }
}
