// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The text of a golden fixture.
func fixture(_ name: String) throws -> String {
    let parent = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return String(decoding: try Data(contentsOf: parent.appending(path: "Fixtures/\(name)")), as: UTF8.self)
}
