// SPDX-License-Identifier: Apache-2.0

/// Why a cgroup or a container could not be found or changed, on one line: the thing, the cause and the remedy.
package struct ContainerError: Error, Equatable, CustomStringConvertible {
    /// What was tried.
    package enum Step: String, Sendable {
        case findHierarchy = "find"
        case readCgroup = "read"
        case createCgroup = "create"
        case removeCgroup = "remove"
        case findContainer = "find container"
        case findUnit = "find unit"
    }

    /// What was tried.
    package let step: Step
    /// What it was tried on: a path, a pattern or a unit's name, safe to print.
    package let subject: String
    /// The cause and the remedy, safe to print.
    package let reason: String

    package init(_ step: Step, _ subject: String, _ reason: String) {
        self.step = step
        self.subject = subject
        self.reason = reason
    }

    package var description: String { "cannot \(step.rawValue) \(subject): \(reason)" }
}
