import Glibc
import Model

/// The buckets of one side of a histogram as pairs of index and count, rising, empty ones left out: what compaction
/// leaves of any layout.
///
/// PromQL has a type of the same name for the engine. This one is written apart on purpose: the test runner must not check
/// the engine with the engine's own code.
struct HistogramBuckets {
    /// Bucket indices, rising.
    private(set) var indices: [Int] = []
    /// The count of each.
    private(set) var counts: [Double] = []

    /// From spans and counts. Counts without a span are ignored.
    init(_ spans: [FloatHistogram.Span], _ buckets: [Double]) {
        var index = 0
        var offset = 0
        for span in spans {
            index += Int(span.offset)
            for _ in 0..<span.length {
                if offset < buckets.count, buckets[offset] != 0 {
                    indices.append(index)
                    counts.append(buckets[offset])
                }
                offset += 1
                index += 1
            }
        }
    }

    /// From counts by index.
    private init(_ byIndex: [Int: Double]) {
        for (index, count) in byIndex.sorted(by: { $0.key < $1.key }) where count != 0 {
            indices.append(index)
            counts.append(count)
        }
    }

    /// All counts from the first index to the last, zeros included.
    var dense: [Double] {
        guard let first = indices.first, let last = indices.last else { return [] }
        var out = [Double](repeating: 0, count: last - first + 1)
        for (index, count) in zip(indices, counts) { out[index - first] = count }
        return out
    }

    /// As the spans and counts of a histogram.
    var layout: (spans: [FloatHistogram.Span], buckets: [Double]) {
        var spans: [FloatHistogram.Span] = []
        var next = 0
        for index in indices {
            if spans.isEmpty || index != next {
                spans.append(FloatHistogram.Span(offset: Int32(clamping: index - next), length: 1))
            } else {
                spans[spans.count - 1].length += 1
            }
            next = index + 1
        }
        return (spans, counts)
    }

    /// The sum, or difference, of both.
    func combined(with other: HistogramBuckets, subtracts: Bool) -> HistogramBuckets {
        var byIndex: [Int: Double] = [:]
        for (index, count) in zip(indices, counts) { byIndex[index] = count }
        for (index, count) in zip(other.indices, other.counts) {
            byIndex[index, default: 0] += subtracts ? -count : count
        }
        return HistogramBuckets(byIndex)
    }

    /// The same observations in buckets 2^`steps` times as wide.
    func widened(by steps: Int32) -> HistogramBuckets {
        var byIndex: [Int: Double] = [:]
        for (index, count) in zip(indices, counts) { byIndex[((index - 1) >> Int(steps)) + 1, default: 0] += count }
        return HistogramBuckets(byIndex)
    }

    /// The same observations in the custom buckets between `new` bounds, all of which are among the `old` ones.
    func rebucketed(from old: [Double], to new: [Double]) -> HistogramBuckets {
        var byIndex: [Int: Double] = [:]
        for (index, count) in zip(indices, counts) {
            let upper = index >= 0 && index < old.count ? old[index] : .infinity
            byIndex[new.firstIndex { $0 >= upper } ?? new.count, default: 0] += count
        }
        return HistogramBuckets(byIndex)
    }

    /// The observations of the exponential buckets that a zero bucket up to `threshold` takes in, and the threshold
    /// that it then has: the upper bound of a bucket that it would otherwise cut.
    func zeroCount(below threshold: Double, schema: Int32) -> (count: Double, threshold: Double) {
        var taken = 0.0
        for (index, count) in zip(indices, counts) {
            if Self.upperBound(index - 1, schema) >= threshold { break }
            taken += count
            let upper = Self.upperBound(index, schema)
            if upper > threshold { return (taken, upper) }
        }
        return (taken, threshold)
    }

    /// Only the exponential buckets above a zero bucket up to `threshold`.
    func trimmed(above threshold: Double, schema: Int32) -> HistogramBuckets {
        var byIndex: [Int: Double] = [:]
        for (index, count) in zip(indices, counts) where Self.upperBound(index - 1, schema) >= threshold {
            byIndex[index] = count
        }
        return HistogramBuckets(byIndex)
    }

    /// The upper bound of an exponential bucket.
    private static func upperBound(_ index: Int, _ schema: Int32) -> Double {
        exp2(Double(index) * exp2(Double(-schema)))
    }
}
