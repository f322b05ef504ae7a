import Model
import PromQL

extension ScriptParser {
    private static let usage =
        "wanted eval[_fail|_warn|_info|_ordered] instant at <time> <query> "
        + "or eval[_fail|_warn|_info] range from <time> to <time> step <step> <query>"

    /// An eval with the expectations below it.
    mutating func eval(_ text: String) throws(ScriptError) -> Script.Eval {
        var (_, rest) = ScriptLines.firstWord(text)
        var command = ScriptLines.command(of: text)
        func word() -> String {
            let (word, behind) = ScriptLines.firstWord(rest)
            rest = behind
            return word
        }
        let time: Script.EvalTime
        switch word() {
        case "instant":
            guard word() == "at" else { throw ScriptError(line: line, "invalid evaluation command, \(Self.usage)") }
            time = .instant(try duration(word(), of: "timestamp definition"))
        case "range":
            guard word() == "from" else { throw ScriptError(line: line, "invalid evaluation command, \(Self.usage)") }
            let from = word()
            guard word() == "to" else { throw ScriptError(line: line, "invalid evaluation command, \(Self.usage)") }
            let through = word()
            guard word() == "step" else { throw ScriptError(line: line, "invalid evaluation command, \(Self.usage)") }
            time = .range(try stepRange(from, through, word()))
        default: throw ScriptError(line: line, "invalid evaluation command, \(Self.usage)")
        }
        guard !rest.isEmpty else { throw ScriptError(line: line, "the query is missing, \(Self.usage)") }
        do throws(ParseError) {
            _ = try Parser.parse(rest, options: .everything)
        } catch {
            throw ScriptError(line: line, "query \(GoQuote.quoted(rest)): \(error.description)")
        }
        var eval = Script.Eval(line: line, query: rest, time: time)
        command.removeFirst(min(4, command.count))
        switch command {
        case "": break
        case "_fail": eval.expectation.failures = [.any]
        case "_warn": eval.expectation.warnings.isRequired = true
        case "_info": eval.expectation.infos.isRequired = true
        case "_ordered": eval.expectation.isOrdered = true
        default: throw ScriptError(line: line, "invalid evaluation command, \(Self.usage)")
        }
        try expectations(of: &eval, isOldFailure: command == "_fail")
        return eval
    }

    private func stepRange(
        _ from: String, _ through: String, _ step: String
    ) throws(ScriptError) -> Script.StepRange {
        let range = Script.StepRange(
            from: try duration(from, of: "start timestamp definition"),
            through: try duration(through, of: "end timestamp definition"),
            step: try duration(step, of: "step definition"))
        guard range.through >= range.from else {
            throw ScriptError(line: line, "end timestamp (\(through)) is before start timestamp (\(from))")
        }
        return range
    }

    private mutating func expectations(of eval: inout Script.Eval, isOldFailure: Bool) throws(ScriptError) {
        var position = 0
        while let text = blockLine() {
            let (word, rest) = ScriptLines.firstWord(text)
            if isOldFailure, let rule = try oldFailureRule(text) {
                eval.expectation.failures = [rule]
                return
            }
            if word == "expect" {
                try expect(rest, &eval)
                continue
            }
            position += 1
            if let number = Self.number(text) {
                eval.expectation.scalar = number
                return
            }
            let series = try located { () throws(ScriptError) in try SeriesNotation(text) }
            if series.values.count > 1, case .instant = eval.time, eval.expectation.rangeVector == nil {
                throw ScriptError(line: line, "several values in an instant eval need `expect range vector`")
            }
            eval.expectation.scalar = nil
            eval.expectation.series.removeAll { $0.labels == series.labels }
            eval.expectation.series.append(
                Expectation.Series(labels: series.labels, values: series.values, position: position))
        }
    }

    /// `expected_fail_message <text>` or `expected_fail_regexp <pattern>`
    private func oldFailureRule(_ text: String) throws(ScriptError) -> Expectation.TextRule? {
        let (message, pattern) = ("expected_fail_message", "expected_fail_regexp")
        if text.hasPrefix(message) { return .message(ScriptLines.trim(text.dropFirst(message.count))) }
        if text.hasPrefix(pattern) { return try self.pattern(ScriptLines.trim(text.dropFirst(pattern.count))) }
        return nil
    }

    private func pattern(_ text: String) throws(ScriptError) -> Expectation.TextRule {
        do throws(RegularExpressionError) {
            return .pattern(try RegularExpression(searching: text))
        } catch {
            throw ScriptError(line: line, error.description)
        }
    }

    /// What follows the word `expect`.
    private mutating func expect(_ text: String, _ eval: inout Script.Eval) throws(ScriptError) {
        if text == "range vector" || text.hasPrefix("range vector ") {
            let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard words.count == 8, words[2] == "from", words[4] == "to", words[6] == "step" else {
                throw ScriptError(line: line, "wanted expect range vector from <time> to <time> step <step>")
            }
            eval.expectation.rangeVector = try stepRange(words[3], words[5], words[7])
            return
        }
        let (kind, rest) = ScriptLines.firstWord(text)
        if kind == "string" {
            eval.expectation.string = try string(rest)
            return
        }
        let rule = try textRule(rest)
        switch kind {
        case "fail": eval.expectation.failures.append(rule)
        case "warn": eval.expectation.warnings.rules.append(rule)
        case "info": eval.expectation.infos.rules.append(rule)
        case "no_warn": eval.expectation.warnings.isForbidden = true
        case "no_info": eval.expectation.infos.isForbidden = true
        case "ordered": eval.expectation.isOrdered = true
        default: throw ScriptError(line: line, "invalid expectation \(GoQuote.quoted(text))")
        }
        for (what, rules) in [("warn", eval.expectation.warnings), ("info", eval.expectation.infos)]
        where rules.isForbidden && !rules.rules.isEmpty {
            throw ScriptError(line: line, "\(what) and no_\(what) cannot be used together")
        }
        if eval.expectation.failures.count > 1 {
            throw ScriptError(line: line, "multiple expect fail lines are not allowed")
        }
    }

    /// Nothing, `msg: text` or `regex: pattern`.
    private func textRule(_ text: String) throws(ScriptError) -> Expectation.TextRule {
        if text.isEmpty { return .any }
        if text.hasPrefix("msg:"), text != "msg:" { return .message(ScriptLines.trim(text.dropFirst(4))) }
        if text.hasPrefix("regex:"), text != "regex:" { return try pattern(ScriptLines.trim(text.dropFirst(6))) }
        throw ScriptError(line: line, "wanted msg: <text> or regex: <pattern>, got \(GoQuote.quoted(text))")
    }

    /// A quoted string.
    private func string(_ text: String) throws(ScriptError) -> String {
        guard case .string(let literal)? = try? Parser.parse(text) else {
            throw ScriptError(line: line, "expected string is not correctly quoted: \(GoQuote.quoted(text))")
        }
        return literal.value
    }

    /// A line that is just a number.
    private static func number(_ text: String) -> Double? {
        let isSigned = text.hasPrefix("-") || text.hasPrefix("+")
        let body = isSigned ? String(text.dropFirst()) : text
        guard !body.hasPrefix("-"), !body.hasPrefix("+"), let value = try? NumberText.parse(body) else { return nil }
        return text.hasPrefix("-") ? value * -1 : value
    }
}
