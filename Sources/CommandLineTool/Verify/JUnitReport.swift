// SPDX-License-Identifier: Apache-2.0
import Platform

/// A verification as the XML that JUnit writes and pipelines read: one suite, a case for each thing that was to hold.
struct JUnitReport {
    /// One thing that was to hold.
    struct Case {
        let name: String
        /// What went wrong: a sentence, and more in lines; nil if it held.
        var failure: (message: String, text: String)?
    }

    /// What was verified.
    let suite: String
    let seconds: Double
    let cases: [Case]

    /// The file.
    var text: String {
        let failures = cases.count { $0.failure != nil }
        let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\""
        let time = "time=\"\(NumberText.seconds(seconds).prefix { $0.isNumber || $0 == "." })\""
        var lines = [
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites \(counts)>",
            "  <testsuite name=\"ringfence verify\" \(counts) errors=\"0\" skipped=\"0\" \(time)>",
        ]
        for one in cases {
            let head = "    <testcase classname=\"\(Self.escaped(suite))\" name=\"\(Self.escaped(one.name))\" \(time)"
            if let failure = one.failure {
                lines += [
                    head + ">",
                    "      <failure message=\"\(Self.escaped(failure.message))\">\(Self.escaped(failure.text))</failure>",
                    "    </testcase>",
                ]
            } else {
                lines.append(head + "/>")
            }
        }
        return (lines + ["  </testsuite>", "</testsuites>", ""]).joined(separator: "\n")
    }

    /// Text as XML 1.0 takes it, which has no way to write control characters; new lines stay.
    static func escaped(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map {
            HostileText.printable(String($0)).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
        }.joined(separator: "\n")
    }
}
