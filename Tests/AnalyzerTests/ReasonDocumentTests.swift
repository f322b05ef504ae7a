import Analyzer
import Foundation
import Testing
import YAML

/// docs/reasons.md has a row for every reason.
@Suite("The document of reasons") struct ReasonDocumentTests {
    private static let reasons: [InconclusiveReason] = [
        .noSuchWorkload(matchers: ""), .targetsDown([]), .noMatchingSeries(selector: "", culprits: []),
        .fewerThanTwoSamples(selector: "", most: 1, window: 1), .noTraffic, .onlyProbes(selector: ""),
        .tooFewRequests(counted: 1, wanted: 2), .nothingLeft, .noValue,
    ]

    private static let problems: [SpecProblem.Kind] = [
        .nothingToMeasure, .missingTemplate, .unsupportedProvider(""), .unsupportedTarget, .badTemplate,
        .missingInterval, .badQuery, .badAnnotation,
    ]

    @Test("every reason is explained, with a cure, and no other")
    func complete() throws {
        var codes = Set(Self.reasons.map(\.code))
        codes.formUnion(Self.problems.map { SpecProblem($0, "", path: NodePath()).code })
        codes.formUnion([CheckError.query("").code, CheckError.notANumber("").code, CheckError.notRun.code])
        for conclusion in [CheckConclusion.pass(1), .fail(1, .below(2)), .fail(3, .above(2))] {
            codes.insert(ReasonText.code(conclusion))
        }
        let root = try #require(SharedFiles.root)
        let text = try String(contentsOf: root.appendingPathComponent("docs/reasons.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(Set(rows.map { $0[0].replacing("`", with: "") }) == codes)
        for row in rows { #expect(row.count == 3 && row.allSatisfy { $0.count > 5 }, "\(row)") }
    }
}
