// SPDX-License-Identifier: Apache-2.0

/// Replaced by the first type of this module.
enum Pending {}
