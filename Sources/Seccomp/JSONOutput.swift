// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The one way this module writes JSON: made to be read and compared.
enum JSONOutput {
    static func encode(_ value: some Encodable, subject: String) throws(SeccompError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        do {
            return try encoder.encode(value) + [0x0A]
        } catch {
            throw SeccompError(.encode, subject, "\(error)", remedy: "report this as a bug of ringfence")
        }
    }
}
