import Model
import PromQL

/// Compares an answer with what a script wants; `nil` when they agree.
struct ResultComparison {
    /// What is wanted.
    let expectation: Expectation
    /// The times of the wanted values of a matrix.
    let steps: Script.StepRange?

    /// Compares.
    func failure(_ value: QueryValue) -> ScriptReport.Failure? {
        switch value {
        case .scalar(_, let number):
            guard let wanted = expectation.scalar else { return mismatch("a vector or matrix was expected", value) }
            return AlmostEqual.numbers(wanted, number) ? nil : mismatch("the scalar differs", value)
        case .string(_, let text):
            return text.equalsByBytes(expectation.string ?? "") ? nil : mismatch("the string differs", value)
        case .vector(let elements):
            if expectation.scalar != nil { return mismatch("a scalar was expected", value) }
            return reason(elements).flatMap { mismatch($0, value) }
        case .matrix(let series):
            if expectation.isOrdered { return mismatch("an ordered result was expected, not a matrix", value) }
            if expectation.scalar != nil { return mismatch("a scalar was expected", value) }
            return (Self.unsorted(series) ?? reason(series)).flatMap { mismatch($0, value) }
        }
    }

    /// Says so when the series of a matrix are not in the order of their labels.
    static func unsorted(_ series: [MatrixSeries]) -> String? {
        for (one, next) in zip(series, series.dropFirst()) where next.labels < one.labels {
            return "the matrix is not sorted: \(next.labels) comes after \(one.labels)"
        }
        return nil
    }

    private func mismatch(_ reason: String, _ got: QueryValue) -> ScriptReport.Failure {
        ScriptReport.Failure(reason, expected: ResultText.of(expectation), got: ResultText.of(got))
    }

    private func reason(_ elements: [VectorElement]) -> String? {
        var missing = Set(expectation.series.map(\.labels))
        for (index, element) in elements.enumerated() {
            guard let wanted = expectation.series.first(where: { $0.labels == element.labels }) else {
                return "unexpected series \(element.labels)"
            }
            if expectation.isOrdered, wanted.position != index + 1 {
                return "series \(element.labels) was expected at position \(wanted.position) but is at \(index + 1)"
            }
            guard let first = wanted.values.first else { return "no value is given for \(element.labels)" }
            if !Self.agree(first, element.value) { return "the value of \(element.labels) differs" }
            missing.remove(element.labels)
        }
        return missing.min { $0 < $1 }.map { "expected series \($0) not found" }
    }

    private static func agree(_ wanted: SequenceValue, _ got: SampleValue) -> Bool {
        switch (wanted, got) {
        case (.float(let wanted), .float(let got)): AlmostEqual.numbers(wanted, got)
        case (.histogram(let wanted, let hintWritten), .histogram(let got)):
            AlmostEqual.histograms(expected: wanted, got: got, comparingHint: hintWritten)
        case (.omitted, .float(let got)): AlmostEqual.numbers(0, got)
        default: false
        }
    }

    private func reason(_ series: [MatrixSeries]) -> String? {
        var missing = Set(expectation.series.map(\.labels))
        for one in series {
            guard let wanted = expectation.series.first(where: { $0.labels == one.labels }) else {
                return "unexpected series \(one.labels)"
            }
            missing.remove(one.labels)
            if let reason = reason(wanted, one) { return reason }
        }
        return missing.min { $0 < $1 }.map { "expected series \($0) not found" }
    }

    private func reason(_ wanted: Expectation.Series, _ got: MatrixSeries) -> String? {
        guard let steps else { return "a range vector came without `expect range vector`" }
        var floats: [(time: Timestamp, value: Double)] = []
        var histograms: [(time: Timestamp, histogram: FloatHistogram, hintWritten: Bool)] = []
        for (index, value) in wanted.values.enumerated() {
            let (distance, overflow) = steps.step.multipliedReportingOverflow(by: Milliseconds(index))
            let (time, overflowed) = steps.from.addingReportingOverflow(distance)
            guard !overflow, !overflowed, time <= steps.through else {
                return "\(wanted.values.count) values of \(got.labels) are expected, more than the range has steps"
            }
            switch value {
            case .omitted: break
            case .float(let number): floats.append((time, number))
            case .histogram(let histogram, let hintWritten): histograms.append((time, histogram, hintWritten))
            }
        }
        guard floats.count == got.values.count, histograms.count == got.histograms.count else {
            let wantedCounts = "\(floats.count) floats and \(histograms.count) histograms"
            let gotCounts = "\(got.values.count) and \(got.histograms.count)"
            return "\(wantedCounts) were expected of \(got.labels), got \(gotCounts)"
        }
        for (index, float) in floats.enumerated() {
            if float.time != got.times[index] { return "a time of \(got.labels) differs: \(got.times[index]) ms" }
            if !AlmostEqual.numbers(float.value, got.values[index]) {
                return "the value of \(got.labels) at \(float.time) ms differs"
            }
        }
        for (index, point) in histograms.enumerated() {
            let other = got.histograms[index]
            if point.time != other.time { return "a time of \(got.labels) differs: \(other.time) ms" }
            let agree = AlmostEqual.histograms(
                expected: point.histogram, got: other.histogram, comparingHint: point.hintWritten)
            if !agree { return "the histogram of \(got.labels) at \(point.time) ms differs" }
        }
        return nil
    }
}
