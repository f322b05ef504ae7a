import Model

/// The value of a vector node over all steps: label sets and a flat table of samples, series by series.
///
/// The sample of `series` at `step` is cell `series * stepCount + step`. A cell holds a float when its bit in
/// `present` is set, a native histogram when `histograms` has it, and nothing otherwise.
struct SeriesVector: Sendable {
    /// Who the series are.
    var labels: SeriesLabels
    /// Number of steps.
    let stepCount: Int
    /// Float values; unspecified where there is none.
    var values: [Double]
    /// Where floats are.
    var present: PresenceBits
    /// Native histograms by cell.
    var histograms: [Int: FloatHistogram] = [:]

    /// A vector without any sample.
    init(labels: SeriesLabels, stepCount: Int) {
        self.labels = labels
        self.stepCount = stepCount
        values = Array(repeating: 0, count: labels.count * stepCount)
        present = PresenceBits(cellCount: labels.count * stepCount)
    }

    /// No series.
    static func empty(stepCount: Int) -> SeriesVector { SeriesVector(labels: SeriesLabels(), stepCount: stepCount) }

    /// Number of series, those without samples included.
    var seriesCount: Int { labels.count }

    /// Number of samples of both kinds.
    var sampleCount: Int { present.count + histograms.count }

    /// Bytes of a table with a number of cells: a value and a presence bit each.
    static func bytes(ofCells cells: Int) -> Int { cells * MemoryLayout<Double>.stride + cells / 8 }

    /// Bytes that the table takes, empty cells and native histograms included, labels not. O(native histograms).
    var bytes: Int {
        var bytes = Self.bytes(ofCells: values.count)
        for histogram in histograms.values { bytes += histogram.bytes }
        return bytes
    }

    /// The cells of one series.
    func cells(of series: Int) -> Range<Int> { series * stepCount..<(series + 1) * stepCount }

    /// Whether there is a sample of either kind.
    func hasSample(_ cell: Int) -> Bool { present[cell] || (!histograms.isEmpty && histograms[cell] != nil) }

    /// Whether a series has any sample.
    func hasSamples(series: Int) -> Bool {
        let cells = cells(of: series)
        return present.hasAny(in: cells) || (!histograms.isEmpty && cells.contains { histograms[$0] != nil })
    }

    /// Puts a float at a cell.
    mutating func set(_ cell: Int, _ value: Double) {
        values[cell] = value
        present[cell] = true
    }

    /// Copies the sample at a cell of another vector, if there is one.
    mutating func copy(_ cell: Int, from other: SeriesVector, _ source: Int) {
        if other.present[source] {
            set(cell, other.values[source])
        } else if let histogram = other.histograms[source] {
            histograms[cell] = histogram
        }
    }

    /// Some of the series, in the given order.
    func selecting(_ series: [Int]) -> SeriesVector {
        var out = SeriesVector(labels: labels.selecting(series), stepCount: stepCount)
        for (index, source) in series.enumerated() {
            let target = index * stepCount
            for step in 0..<stepCount { out.copy(target + step, from: self, source * stepCount + step) }
        }
        return out
    }

    /// The vector without series that have no sample at any step, as if series came one by one.
    func compacted() -> SeriesVector {
        if present.isFull { return self }
        let kept = (0..<seriesCount).filter { hasSamples(series: $0) }
        return kept.count == seriesCount ? self : selecting(kept)
    }
}

/// The value of any node but a range selector.
enum NodeValue: Sendable {
    /// One number per step.
    case scalar([Double])
    /// The same text at every step.
    case string(String)
    /// Series.
    case vector(SeriesVector)

    /// Samples that the budget counts for the value.
    var sampleCount: Int {
        switch self {
        case .scalar(let values): values.count
        case .string: 0
        case .vector(let vector): vector.sampleCount
        }
    }

    /// Bytes of its table.
    var bytes: Int {
        switch self {
        case .scalar(let values): values.count * MemoryLayout<Double>.stride
        case .string: 0
        case .vector(let vector): vector.bytes
        }
    }
}

extension FloatHistogram {
    /// Bytes that the histogram takes in a table, its arrays included.
    var bytes: Int {
        let elements =
            positiveSpans.count + negativeSpans.count + positiveBuckets.count + negativeBuckets.count
            + customValues.count
        // A key beside it, five arrays with headers of 32 bytes, elements of 8.
        return MemoryLayout<FloatHistogram>.stride + 8 + 5 * 32 + elements * 8
    }
}
