import Model

extension Evaluation {
    /// The answer of an instant query. Vectors keep the order in which their node made them.
    func instantResult(_ value: NodeValue, at time: Timestamp) throws(QueryError) -> QueryValue {
        switch value {
        case .scalar(let values): return .scalar(time, values[0])
        case .string(let text): return .string(time, text)
        case .vector(let vector):
            let vector = try removingFlaggedNames(vector)
            try budget.reserve(bytes: vector.seriesCount * MemoryLayout<VectorElement>.stride)
            var out: [VectorElement] = []
            out.reserveCapacity(vector.seriesCount)
            let labels = overlay.labels(of: 0..<vector.seriesCount, in: vector.labels)
            for series in 0..<vector.seriesCount {
                let value: SampleValue
                if vector.present[series] {
                    value = .float(vector.values[series])
                } else if let histogram = vector.histograms[series] {
                    value = .histogram(histogram)
                } else {
                    continue
                }
                out.append(VectorElement(labels: labels[series], time: time, value: value))
            }
            return .vector(out)
        }
    }

    /// Bytes of a float with its time in an answer.
    static let floatBytes = MemoryLayout<Timestamp>.stride + MemoryLayout<Double>.stride

    /// The answer of a range query: a matrix sorted by labels.
    func rangeResult(_ value: NodeValue, _ grid: StepGrid) throws(QueryError) -> QueryValue {
        switch value {
        case .string: throw .evaluation("expected a scalar or an instant vector, found a string")
        case .scalar(let values):
            let times = (0..<grid.count).map { grid.time($0) }
            return .matrix(times.isEmpty ? [] : [MatrixSeries(labels: Labels(), times: times, values: values)])
        case .vector(let vector):
            let vector = try removingFlaggedNames(vector)
            try budget.reserve(
                bytes: vector.present.count * Self.floatBytes
                    + vector.histograms.count * MemoryLayout<FloatHistogram>.stride)
            var out: [MatrixSeries] = []
            let labels = overlay.labels(of: 0..<vector.seriesCount, in: vector.labels)
            for series in 0..<vector.seriesCount {
                var content = MatrixSeries(labels: labels[series])
                let count = vector.present.count(in: vector.cells(of: series))
                content.times.reserveCapacity(count)
                content.values.reserveCapacity(count)
                for step in 0..<grid.count {
                    let cell = series * grid.count + step
                    if vector.present[cell] {
                        content.times.append(grid.time(step))
                        content.values.append(vector.values[cell])
                    } else if let histogram = vector.histograms[cell] {
                        content.histograms.append((grid.time(step), histogram))
                    }
                }
                out.append(content)
            }
            return .matrix(out.sorted { $0.labels < $1.labels })
        }
    }

    /// The answer of an instant query of a range selector or subquery.
    func matrixResult(_ labels: SeriesLabels, _ series: [MatrixSeries]) throws(QueryError) -> QueryValue {
        var out: [MatrixSeries] = []
        for (index, content) in series.enumerated() {
            let pairs = labels.pairs(of: index)
            let drops = labels.removal[index]
            var named = content
            named.labels = overlay.labels(drops ? pairs.filter { !SeriesLabels.metadata.contains($0.name) } : pairs)
            out.append(named)
        }
        out.sort { $0.labels < $1.labels }
        for index in out.indices.dropFirst() where out[index].labels == out[index - 1].labels {
            throw Self.sameLabelset
        }
        return .matrix(out)
    }
}
