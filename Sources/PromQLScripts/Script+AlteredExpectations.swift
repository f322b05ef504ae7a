import Model

extension Script {
    /// The script with every expected value changed to another one, so that an eval that expects values must fail.
    /// A runner that passes one of them does not compare.
    package func alteringExpectedValues() -> Script {
        var script = self
        script.commands = commands.map { command in
            guard case .eval(var eval) = command else { return command }
            eval.expectation.alterValues()
            return .eval(eval)
        }
        return script
    }

    /// The lines of the evals that expect at least one value.
    package var valueExpectingLines: Set<Int> {
        var lines: Set<Int> = []
        for case .eval(let eval) in commands where eval.expectation.hasValues { lines.insert(eval.line) }
        return lines
    }
}

extension Expectation {
    /// Whether a number, string or sample is expected of a query that succeeds.
    fileprivate var hasValues: Bool {
        if mustFail { return false }
        let hasSamples = series.contains { one in
            one.values.contains { if case .omitted = $0 { false } else { true } }
        }
        return scalar != nil || string != nil || hasSamples
    }

    fileprivate mutating func alterValues() {
        scalar = scalar.map(Self.altered)
        string = string.map { $0 + "!" }
        for index in series.indices { series[index].values = series[index].values.map(Self.altered) }
    }

    private static func altered(_ value: SequenceValue) -> SequenceValue {
        switch value {
        case .omitted: return .omitted
        case .float(let number): return .float(altered(number))
        case .histogram(var histogram, let hintWritten):
            histogram.count = altered(histogram.count)
            return .histogram(histogram, hintWritten: hintWritten)
        }
    }

    /// A number that is not nearly equal to the given one, and that a wrong engine hardly gives by chance.
    private static func altered(_ number: Double) -> Double {
        number.isFinite && number.magnitude < 1e300 ? number * 1.25 + 1234.5 : 1234.5
    }
}
