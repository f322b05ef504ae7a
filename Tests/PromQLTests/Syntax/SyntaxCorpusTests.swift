import Foundation
import PromQL
import TestSupport
import Testing

@Suite("Upstream's syntax cases", .enabled(if: SharedCorpus.isThere, "needs the folder shared beside the repository"))
struct SyntaxCorpusTests {
    /// The switches of the table in parse.json.
    private static let options = ParserOptions(
        experimentalFunctions: true, extendedRangeSelectors: true, fillModifiers: false, durationExpressions: true)

    @Test("Every text parses or fails as upstream, with message and position")
    func parse() throws {
        let cases = try SharedCorpus.cases("parse.json", of: SharedCorpus.ParseCase.self)
        #expect(cases.count > 100)
        for one in cases {
            let shown = String(decoding: one.bytes, as: UTF8.self)
            do throws(ParseError) {
                let expr = try Parser.parse(utf8: one.bytes, options: Self.options)
                #expect(one.expect.ok, "\(shown) should fail, gave \(expr.text)")
                #expect(expr.upstreamNode == one.expect.node, "\(shown)")
            } catch {
                #expect(!one.expect.ok, "\(shown): \(error)")
                let wanted = one.expect.errors?.first
                #expect(error.message == wanted?.error, "\(shown)")
                #expect(error.range.start == wanted?.start ?? 0, "\(shown): \(error)")
                #expect(error.range.end == wanted?.end ?? 0, "\(shown): \(error)")
            }
        }
    }

    @Test("Every text prints as upstream")
    func print() throws {
        let cases = try SharedCorpus.cases("print.json", of: SharedCorpus.PrintCase.self)
        #expect(cases.count > 50)
        for one in cases {
            let expr = try Parser.parse(one.in, options: .everything)
            let limit = one.max_characters_per_line ?? 100
            let got = one.form == "string" ? expr.text : expr.pretty(lineLimit: limit)
            #expect(got == one.out, "\(one.in)")
        }
    }

    @Test("Every compliance query parses with the server's switches and prints stably")
    func compliance() throws {
        let queries = try ComplianceQueries.all()
        #expect(queries.count > 300)
        for query in queries {
            let text = try Parser.parse(query).text
            #expect(try Parser.parse(text).text == text, "\(query)")
        }
    }
}
