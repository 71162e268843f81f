// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Calls `body` with a NULL-terminated array of C strings, valid until it returns.
@safe func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    // SAFETY: every copy is freed here, after `body` has returned.
    var copies = unsafe strings.map { unsafe strdup($0) } + [nil]
    defer { unsafe copies.forEach { unsafe free($0) } }
    return unsafe copies.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("the array ends with NULL and is never empty") }
        return unsafe body(base)
    }
}

/// Calls `body` with a C string, or with NULL for nil.
@safe func withOptionalCString<Result>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let string else { return body(nil) }
    return unsafe string.withCString { unsafe body($0) }
}
