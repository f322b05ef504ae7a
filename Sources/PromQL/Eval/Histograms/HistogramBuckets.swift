import Glibc
import Model

/// One side of a native histogram as buckets by index, empty ones left out: the form in which histograms are compared
/// and computed with, whatever their spans. `HistogramBuckets` of PromQLScripts is its twin, written apart on purpose: the
/// test runner must not check the engine with the engine's own code.
struct HistogramBuckets: Sendable, Equatable {
    /// Bucket indexes, rising.
    private(set) var indexes: [Int] = []
    /// Their counts.
    private(set) var counts: [Double] = []

    /// No buckets.
    init() {}

    /// The buckets of a list of spans. Spans that claim more buckets than there are counts end with the counts.
    init(_ spans: [FloatHistogram.Span], _ buckets: [Double]) {
        var index = 0
        var offset = 0
        for span in spans {
            index += Int(span.offset)
            for _ in 0..<min(Int(span.length), buckets.count - offset) {
                if buckets[offset] != 0 {
                    indexes.append(index)
                    counts.append(buckets[offset])
                }
                index += 1
                offset += 1
            }
        }
    }

    /// Number of buckets.
    var count: Int { indexes.count }

    /// Replaces the count of the bucket at an offset in `indexes`.
    mutating func setCount(_ count: Double, at offset: Int) { counts[offset] = count }
}

extension FloatHistogram {
    /// The buckets above zero.
    var positive: HistogramBuckets { HistogramBuckets(positiveSpans, positiveBuckets) }
    /// The buckets below zero, by the index of their mirror images.
    var negative: HistogramBuckets { HistogramBuckets(negativeSpans, negativeBuckets) }
    /// Whether the bounds are listed instead of following from the schema.
    var hasCustomBounds: Bool { schema == Self.customSchema }

    /// Whether both have the same observations in the same buckets, bit for bit, however their spans are cut. What they
    /// know about resets does not matter.
    func equals(_ other: FloatHistogram) -> Bool {
        func same(_ one: Double, _ other: Double) -> Bool { one.bitPattern == other.bitPattern }
        return schema == other.schema && same(zeroThreshold, other.zeroThreshold) && same(zeroCount, other.zeroCount)
            && same(count, other.count) && same(sum, other.sum) && positive == other.positive
            && negative == other.negative && (!hasCustomBounds || customValues == other.customValues)
    }

    /// The inclusive upper bound of the positive bucket with an index.
    func upperBound(_ index: Int) -> Double {
        if hasCustomBounds {
            if index < 0 { return -.infinity }
            return index < customValues.count ? customValues[index] : .infinity
        }
        if schema <= 0 {
            let factor = 1 << Int(min(schema.magnitude, 30))
            return scalbn(1, Int32(clamping: index.multipliedReportingOverflow(by: factor).partialValue))
        }
        return exp2(Double(index) / Double(1 << Int(min(schema, 30))))
    }
}
