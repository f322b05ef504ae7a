import Model

/// A line `metric{...}@st -1m -30sx3 _`: start times of the samples of the next line, relative to each sample.
struct StartTimeNotation {
    /// Which series.
    var labels: Labels
    /// An offset per sample, `nil` for an unknown start.
    var offsets: [Milliseconds?]

    /// Whether a line is one.
    static func matches(_ line: String) -> Bool {
        guard let blank = line.firstIndex(where: { $0 == " " || $0 == "\t" }) else { return false }
        return line[..<blank].hasSuffix("@st")
    }

    /// Reads a line for which `matches` holds.
    init(_ line: String) throws(ScriptError) {
        let blank = line.firstIndex { $0 == " " || $0 == "\t" } ?? line.endIndex
        labels = try SeriesNotation(line[..<blank].dropLast(3) + " _").labels
        var reader = NotationReader(String(line[blank...]))
        offsets = []
        do throws(NotationError) {
            while reader.skipSpace(), !reader.isAtEnd {
                offsets += try Self.item(&reader)
                if offsets.count > SeriesNotation.lengthLimit { throw NotationError("too many start times") }
            }
            guard reader.isAtEnd else { throw NotationError("unexpected text") }
        } catch {
            throw ScriptError(line: 1, "invalid @st sequence: \(error.message)")
        }
    }

    private static func item(_ reader: inout NotationReader) throws(NotationError) -> [Milliseconds?] {
        let limit = SeriesNotation.lengthLimit
        if reader.accept("_") {
            guard reader.accept("x") else { return [nil] }
            return Array(repeating: nil, count: try reader.count(limit: limit))
        }
        let first = try duration(&reader)
        if reader.accept("x") { return Array(repeating: first, count: try reader.count(limit: limit) + 1) }
        guard reader.isAt("+") || reader.isAt("-") else { return [first] }
        let step = try duration(&reader)
        guard reader.accept("x") else { throw NotationError("expected 'x' and a count after a step") }
        var values: [Milliseconds?] = []
        var value = first
        for _ in 0...(try reader.count(limit: limit)) {
            values.append(value)
            value = value &+ step
        }
        return values
    }

    /// A duration of one unit with an optional sign.
    private static func duration(_ reader: inout NotationReader) throws(NotationError) -> Milliseconds {
        let isNegative = reader.accept("-")
        if !isNegative { _ = reader.accept("+") }
        let digits = reader.take(while: NotationReader.isDigit)
        let unit = reader.take { NotationReader.isLetter($0) && $0 != 0x78 && $0 != 0x5f }
        do throws(PrometheusDuration.Failure) {
            let value = try PrometheusDuration.parse(digits + unit)
            return isNegative ? -value : value
        } catch {
            throw NotationError(error.description)
        }
    }
}
