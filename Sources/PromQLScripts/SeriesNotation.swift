package import Model
import PromQL

/// A series line of a script: `metric{a="b"} 1 2 3+1x4 _ stale {{count:1}}x3`.
package struct SeriesNotation: Sendable {
    /// Which series.
    package var labels: Labels
    /// The values, one per interval.
    package var values: [SequenceValue]

    /// Most values one line may stand for; repetitions could ask for any number.
    static let lengthLimit = 1_000_000

    /// Reads a line. The error says what is wrong with it, with the byte column.
    package init(_ line: String) throws(ScriptError) {
        do throws(ParseError) {
            let (labels, end) = try Parser.parseMetric(prefix: line)
            self.labels = labels
            var reader = NotationReader(line, from: end)
            values = try Self.values(&reader)
        } catch {
            throw ScriptError(line: 1, error.description)
        }
    }

    /// Reads the rest of a line as values.
    private static func values(_ reader: inout NotationReader) throws(ParseError) -> [SequenceValue] {
        var values: [SequenceValue] = []
        do throws(NotationError) {
            while !reader.isAtEnd {
                guard reader.skipSpace() else { throw NotationError("expected a blank between values") }
                if reader.isAtEnd { break }
                values += try item(&reader)
                if values.count > lengthLimit { throw NotationError("more than \(lengthLimit) values") }
            }
        } catch {
            let range = SourceRange(reader.position, reader.bytes.count)
            throw ParseError("\(error.message) in series values", range, in: reader.bytes)
        }
        return values
    }

    private static func item(_ reader: inout NotationReader) throws(NotationError) -> [SequenceValue] {
        if reader.accept("_") {
            guard reader.accept("x") else { return [.omitted] }
            return Array(repeating: .omitted, count: try reader.count(limit: lengthLimit))
        }
        if reader.isAt("{{") { return try histograms(&reader) }
        let first = try reader.signedNumber(words: true)
        if reader.accept("x") {
            return Array(repeating: .float(first), count: try reader.count(limit: lengthLimit) + 1)
        }
        guard reader.isAt("+") || reader.isAt("-") else { return [.float(first)] }
        let step = try reader.signedNumber(words: false)
        guard reader.accept("x") else { throw NotationError("expected 'x' and a count after a step") }
        var value = first
        var values: [SequenceValue] = []
        for _ in 0...(try reader.count(limit: lengthLimit)) {
            values.append(.float(value))
            value += step
        }
        return values
    }

    /// `{{...}}`, `{{...}}xN`, `{{...}}+{{...}}xN`, `{{...}}-{{...}}xN`
    private static func histograms(_ reader: inout NotationReader) throws(NotationError) -> [SequenceValue] {
        let first = try HistogramLiteral(&reader)
        if reader.accept("x") {
            return Array(repeating: first.value, count: try reader.count(limit: lengthLimit) + 1)
        }
        let subtracts = reader.isAt("-")
        guard reader.accept("+") || reader.accept("-") else { return [first.value] }
        let step = try HistogramLiteral(&reader)
        guard reader.accept("x") else { throw NotationError("expected 'x' and a count after a histogram step") }
        var sum = first.histogram
        // Written or not is judged by the step, as Prometheus does.
        var values: [SequenceValue] = [.histogram(sum, hintWritten: step.hintWritten)]
        for _ in 0..<(try reader.count(limit: lengthLimit)) {
            sum = try HistogramStep.combine(sum, step.histogram, subtracts: subtracts)
            values.append(.histogram(sum, hintWritten: step.hintWritten))
        }
        return values
    }
}
