// SPDX-License-Identifier: Apache-2.0
import Profiles
package import TestSupport
import Testing

extension Engine: CustomTestStringConvertible {
    package var testDescription: String { rawValue }
}

extension Workspace {
    /// A recording in it.
    func profile(_ name: String) throws -> BehaviourProfile { try ProfileStore.load(file(name)) }
}
