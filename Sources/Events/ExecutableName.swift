// SPDX-License-Identifier: Apache-2.0

/// What an executable is called in profiles and alerts.
package enum ExecutableName {
    /// Stands for an executable of which nothing is known.
    package static let unknown = "(not known)"

    static func text(path: String, isCut: Bool) -> String { path.isEmpty ? unknown : isCut ? "..." + path : path }
}

extension Record {
    /// What the executable is called.
    package var executableName: String { ExecutableName.text(path: path, isCut: pathIsCut) }
}

extension SubSnapshot {
    /// What the executable is called; all those that share an "other" sub-slot are not known one by one.
    package var executableName: String { ExecutableName.text(path: path, isCut: pathIsCut) }
}
