// SPDX-License-Identifier: Apache-2.0

extension String {
    /// A number that is not negative, with zeros before it until it has `digits` digits; longer ones are not cut.
    package init(_ number: some BinaryInteger, radix: Int = 10, digits: Int) {
        let text = String(number, radix: radix)
        self = String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}
