// SPDX-License-Identifier: Apache-2.0

extension ContainerIndex {
    /// Whether `pattern` names this container, by the rules of `match`.
    package static func matches(_ pattern: String, _ container: ContainerDescription) -> Bool {
        var listing = Listing()
        listing.containers = [container]
        return (try? match(pattern, in: listing)) != nil
    }
}
