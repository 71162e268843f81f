// SPDX-License-Identifier: Apache-2.0

/// Why a measurement could not be made, in one line.
struct BenchmarkError: Error, CustomStringConvertible {
    /// EX_USAGE, EX_UNAVAILABLE or EX_SOFTWARE of sysexits(3).
    let exitCode: Int32
    let description: String

    static func usage(_ text: String) -> BenchmarkError { BenchmarkError(exitCode: 64, description: text) }
    static func unavailable(_ text: String) -> BenchmarkError { BenchmarkError(exitCode: 69, description: text) }
}
