// SPDX-License-Identifier: Apache-2.0
import Platform
import TestSupport
import Testing

@testable import CommandLineTool

@Suite("JUnit reports")
struct JUnitReportTests {
    @Test("are XML that a parser reads, whatever a container is called")
    func hostile() throws {
        let text = "<a b=\"c\">&amp;]]>\u{1B}[31m\u{0}\u{202E}\u{FFFE}"
        let report = JUnitReport(
            suite: text, seconds: 1.5,
            cases: [
                JUnitReport.Case(name: text, failure: nil),
                JUnitReport.Case(name: "b", failure: (text, "\(text)\n\(text)")),
            ])
        let workspace = try Workspace()
        try workspace.write(report.text, to: "junit.xml")
        let parsed = try Shell.run([
            "python3", "-c",
            "import sys, xml.etree.ElementTree as t; r = t.parse(sys.argv[1]).getroot(); s = r[0]; "
                + "print(s.get('tests'), s.get('failures'), s.get('time'), len(s), len(s.findall('testcase/failure')))",
            workspace.file("junit.xml"),
        ])
        #expect(parsed.status == 0 && parsed.output == "2 1 1.5 2 1\n", "\(parsed.output) \(parsed.errors)")
    }
}
