import Glibc
import Model

/// Functions that look at native histograms only and pass over floats without notice.
enum NativeHistogramFunctions {
    /// The records.
    static let all: [FunctionRecord] = [
        record("histogram_count", .totals) { $0.count },
        record("histogram_sum", .totals) { $0.sum },
        record("histogram_avg", .totals) { $0.sum / $0.count },
        record("histogram_stddev", .buckets) { variance(of: $0).squareRoot() },
        record("histogram_stdvar", .buckets) { variance(of: $0) },
    ]

    private static func record(
        _ name: String, _ reading: FunctionTraits.HistogramReading,
        _ compute: @escaping @Sendable (FloatHistogram) -> Double
    ) -> FunctionRecord {
        let traits = FunctionTraits(histogramReading: reading)
        return FunctionRecord(name, [.vector], .vector, traits: traits, does: computing(compute))
    }

    private static func computing(
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
            let center: Double
            if histogram.hasCustomBounds {
                center = (bucket.lower + bucket.upper) / 2
            } else if bucket.lower <= 0, bucket.upper >= 0 {
                center = 0
            } else {
                let size = (bucket.lower * bucket.upper).squareRoot()
                center = bucket.upper < 0 ? -size : size
            }
            let distance = center - mean
            squares.add(bucket.count * distance * distance)
        }
        return squares.total / histogram.count
    }
}
