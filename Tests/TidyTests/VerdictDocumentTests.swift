import Foundation
import Testing

/// Every reason that a verdict can give is explained in docs/verdicts.md.
@Suite("Reasons are documented") struct VerdictDocumentTests {
    static let document = Repository.text("docs/verdicts.md")

    /// The enums of reasons, with the file that declares each.
    static let reasons = [
        ("Sources/Analyzer/Verdicts/InconclusiveReason.swift", "enum InconclusiveReason"),
        ("Sources/Analyzer/Verdicts/CheckResult.swift", "enum CheckError"),
        ("Sources/Analyzer/Planning/SpecProblem.swift", "enum Kind"),
    ]

    /// The lines from a declaration to the brace that ends it.
    private static func body(of declaration: String, in path: String) -> [Substring] {
        let lines = Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.firstIndex(where: { $0.contains(declaration) }) else { return [] }
        let indent = lines[first].prefix { $0 == " " }
        let end = lines[first...].firstIndex { $0 == indent + "}" } ?? lines.endIndex
        return Array(lines[first..<end])
    }

    @Test("each case is named", arguments: reasons) func cases(path: String, declaration: String) {
        let pattern = #/^ +case ([a-z][A-Za-z]*)(\(.*\))?$/#
        let names = Self.body(of: declaration, in: path).compactMap { try? pattern.wholeMatch(in: $0)?.1 }
        #expect(names.count >= 5, "\(declaration): \(names)")
        for name in names { #expect(Self.document.contains("`\(name)`"), "\(name) is not in docs/verdicts.md") }
    }

    @Test("each word that the API gives as a reason is there", arguments: reasons) func codes(
        path: String, declaration: String
    ) {
        // The texts of `var code`: `case .noTraffic: "no traffic"`.
        let pattern = #/^ +case \.[^"]*: "([a-z ]+)"$/#
        let codes = Self.body(of: "var code", in: path).compactMap { try? pattern.wholeMatch(in: $0)?.1 }
        #expect(codes.count >= 3, "\(path): \(codes)")
        let texts = Self.document.split(separator: "\n").filter { $0.hasPrefix("### ") }.map { $0.dropFirst(4) }
        for code in codes { #expect(texts.contains(code), "\"\(code)\" has no heading in docs/verdicts.md") }
    }

    @Test("each annotation is there") func annotations() {
        let source = Repository.text("Sources/Analyzer/Annotations/Annotation.swift")
        let keys = source.matches(of: #/"(haldane\.dev/[a-z-]+\.?)"/#).map(\.1)
        #expect(keys.count >= 4)
        for key in keys { #expect(Self.document.contains("`\(key)"), "\(key) is not in docs/verdicts.md") }
    }
}
