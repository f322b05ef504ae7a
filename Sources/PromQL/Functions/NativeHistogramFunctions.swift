import Glibc
import Model

/// Functions that look at native histograms only and pass over floats without notice.
enum NativeHistogramFunctions {
    /// By name.
    static let table: [String: FunctionImplementation] = [
        "histogram_count": function { $0.count },
        "histogram_sum": function { $0.sum },
        "histogram_avg": function { $0.sum / $0.count },
        "histogram_stddev": function { variance(of: $0).squareRoot() },
        "histogram_stdvar": function { variance(of: $0) },
    ]

    private static func function(
        _ compute: @escaping @Sendable (FloatHistogram) -> Double
    ) -> FunctionImplementation {
        .node { (evaluation, plan, grid) throws(QueryError) in
            let vector = try evaluation.vector(plan.arguments[0], over: grid)
            var out = SeriesVector(labels: vector.labels, stepCount: grid.count)
            for (cell, histogram) in vector.histograms { out.set(cell, compute(histogram)) }
            return .vector(try evaluation.droppingName(out.compacted()))
        }
    }

    /// The variance, each observation taken to lie at its bucket's geometric mean, or at 0 where the bucket spans it; with
    /// custom bounds at the arithmetic mean.
    private static func variance(of histogram: FloatHistogram) -> Double {
        let mean = histogram.sum / histogram.count
        var squares = CompensatedSum()
        for bucket in histogram.allBuckets {
            if bucket.count == 0 { continue }
            let place: Double
            if histogram.hasCustomBounds {
                place = (bucket.lower + bucket.upper) / 2
            } else if bucket.lower <= 0, bucket.upper >= 0 {
                place = 0
            } else {
                let size = (bucket.lower * bucket.upper).squareRoot()
                place = bucket.upper < 0 ? -size : size
            }
            let distance = place - mean
            squares.add(bucket.count * distance * distance)
        }
        return squares.total / histogram.count
    }
}

/// One bucket of a native histogram with its bounds.
struct HistogramBucket: Sendable {
    /// Lower bound.
    var lower: Double
    /// Upper bound.
    var upper: Double
    /// Observations in it.
    var count: Double
}

extension FloatHistogram {
    /// All buckets that hold something, by rising bounds, the zero bucket among them.
    var allBuckets: [HistogramBucket] {
        var out: [HistogramBucket] = []
        let (below, above) = (negative, positive)
        for (index, count) in zip(below.indexes, below.counts).reversed() {
            out.append(HistogramBucket(lower: -upperBound(index), upper: -upperBound(index - 1), count: count))
        }
        if zeroCount != 0 { out.append(HistogramBucket(lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount)) }
        for (index, count) in zip(above.indexes, above.counts) {
            out.append(HistogramBucket(lower: upperBound(index - 1), upper: upperBound(index), count: count))
        }
        return out
    }
}
