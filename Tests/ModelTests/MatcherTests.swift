import Model
import Testing

@Suite("Matchers and regular expressions") struct MatcherTests {
    @Test(
        "regexes are anchored, and the short cuts agree with RE2",
        arguments: [
            "", "a", "abc", "a|b", "a|", "|", "ab.*", "ab.+", ".*", ".+", "a.c", "ab?c", "ab{2}", "abc*", "(a|b)c",
            "5..", "[ab]+",
            "é.*", "é*", "x|y.*", "a\\.b", "ab+", "a|b|", "(?i)ABC",
        ])
    func shortCuts(pattern: String) throws {
        let candidates = [
            "", "a", "b", "ab", "abc", "abb", "abbb", "ac", "bc", "a.b", "500", "5", "é", "éé", "x", "yz", "a\nc",
            "ABC", "abcc", "aab",
        ]
        let reference = try RegularExpression(anchored: pattern)
        for kind in [Matcher.Kind.regex, .notRegex] {
            let matcher = try Matcher(kind, "l", pattern)
            for candidate in candidates {
                #expect(
                    matcher.matches(candidate) == (reference.matches(candidate) == (kind == .regex)),
                    "\(pattern) on \(candidate)")
            }
            if let accepted = matcher.acceptedValues { #expect(accepted.allSatisfy { reference.matches($0) }) }
            for candidate in candidates where matcher.matches(candidate) && kind == .regex {
                #expect(candidate.utf8.starts(with: matcher.acceptedPrefix.utf8), "\(pattern) on \(candidate)")
            }
        }
    }

    @Test("an absent label is an empty value") func empty() throws {
        #expect(Matcher(name: "a", equals: "").matchesEmpty)
        #expect(try Matcher(.notEqual, "a", "x").matchesEmpty)
        #expect(try !Matcher(.regex, "a", ".+").matchesEmpty)
        #expect(try Matcher(.regex, "a", "x|").matchesEmpty)
    }

    @Test("a bad pattern says what is wrong with it") func badPattern() {
        #expect(throws: RegularExpressionError.self) { try Matcher(.regex, "a", "(") }
        do {
            _ = try Matcher(.regex, "a", "a(b")
        } catch {
            #expect(error.description.contains("missing )") && error.description.contains("a(b"))
        }
    }

    @Test("a text with a NUL byte is matched to its end") func nul() throws {
        #expect(try RegularExpression(anchored: "a.b").matches("a\0b"))
        #expect(try !RegularExpression(anchored: "a").matches("a\0b"))
    }

    @Test(
        "expansion follows Go",
        arguments: [
            ("$1", "bc"), ("${1}x", "bcx"), ("$1x", ""), ("$name-", "d-"), ("$$1", "$1"), ("$", "$"), ("${1", "${1"),
            ("$9", ""),
            ("a$0", "aabcd"),
        ])
    func expansion(template: String, expected: String) throws {
        let regex = try RegularExpression(anchored: "a(bc)(?P<name>d)")
        let captures = try #require(regex.captures(in: "abcd"))
        #expect(regex.expand(template, with: captures) == expected)
    }

    @Test("a group that took no part is nil") func absentGroup() throws {
        let regex = try RegularExpression(anchored: "(a)|(b)")
        #expect(try #require(regex.captures(in: "b")) == ["b", nil, "b"])
        #expect(regex.captures(in: "c") == nil)
    }

    @Test("text form") func text() throws {
        #expect(try Matcher(.regex, "a.b", "x\"").description == #""a.b"=~"x\"""#)
    }
}
