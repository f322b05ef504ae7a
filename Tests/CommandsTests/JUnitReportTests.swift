import Testing

@testable import Commands

/// Test results as XML.
@Suite("JUnit reports") struct JUnitReportTests {
    @Test("a suite for each file; what XML can't hold is escaped or replaced")
    func xml() {
        var report = JUnitReport()
        report.add(
            "a<b>.test",
            [
                TestCase(location: "a.test:1", title: "x > \"1\" & y\u{1}", differences: []),
                TestCase(
                    location: "a.test:2", title: "z",
                    differences: [.init(what: "another value", expected: "1", got: "2")]),
            ], fault: nil)
        report.add("c.test", [], fault: "c.test: no case in it")
        let lines = report.xml.split(separator: "\n").map(String.init)
        #expect(lines.first == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
        #expect(lines.contains("  <testsuite name=\"a&lt;b&gt;.test\" tests=\"2\" failures=\"1\" errors=\"0\">"))
        #expect(lines.contains("    <testcase name=\"x &gt; &quot;1&quot; &amp; y\u{fffd}\" classname=\"a.test:1\"/>"))
        #expect(lines.contains { $0.contains("<failure message=\"another value\">a.test:2: z&#10;    another value") })
        #expect(lines.contains { $0.contains("<error message=\"c.test: no case in it\"/>") })
        #expect(lines.last == "</testsuites>")
    }
}
