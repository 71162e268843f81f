// SPDX-License-Identifier: Apache-2.0

/// Where a test that runs programs keeps its files.
package typealias Workspace = TemporaryDirectory
