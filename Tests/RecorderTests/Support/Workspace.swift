// SPDX-License-Identifier: Apache-2.0
import Profiles
import TestSupport

/// Where a test records to.
typealias Workspace = TemporaryDirectory

extension TemporaryDirectory {
    /// A behaviour profile in it.
    func profile(_ name: String) throws -> BehaviourProfile { try ProfileStore.load(file(name)) }
}
