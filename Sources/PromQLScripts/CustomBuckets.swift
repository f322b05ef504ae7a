import Model
import PromQL

/// Turns the classic histograms of a load into native ones with custom buckets, as `load_with_nhcb` does.
enum CustomBuckets {
    /// The parts of a histogram at one time that have been read.
    private struct Parts {
        var buckets: [(bound: Double, count: Double)] = []
        var count: Double?
        var sum: Double = 0
    }

    /// The native series of all `X_bucket`, `X_count` and `X_sum` in `series`, in order of first appearance.
    static func series(from series: [SeriesSamples]) throws(NotationError) -> [SeriesSamples] {
        var order: [Labels] = []
        var byLabels: [Labels: [Timestamp: Parts]] = [:]
        for one in series {
            guard let (role, labels) = role(of: one.labels) else { continue }
            if byLabels[labels] == nil { order.append(labels) }
            var parts = byLabels[labels] ?? [:]
            for (time, value) in zip(one.times, one.values) {
                guard case .float(let number) = value else { continue }
                var part = parts[time] ?? Parts()
                switch role {
                case .bucket(let bound): try add(number, upTo: bound, to: &part)
                case .count: part.count = number
                case .sum: part.sum = number
                }
                parts[time] = part
            }
            byLabels[labels] = parts
        }
        var out: [SeriesSamples] = []
        for labels in order {
            var samples = SeriesSamples(labels: labels, times: [], values: [])
            for (time, parts) in (byLabels[labels] ?? [:]).sorted(by: { $0.key < $1.key }) {
                samples.times.append(time)
                samples.values.append(.histogram(try histogram(parts)))
            }
            out.append(samples)
        }
        return out
    }

    private enum Role {
        case bucket(Double)
        case count
        case sum
    }

    /// Which part of which histogram a series is.
    private static func role(of labels: Labels) -> (Role, Labels)? {
        let name = labels.metricName
        func base(_ suffix: String) -> Labels {
            var base = labels.dropping(LabelName.bucketBound)
            base[LabelName.metricName] = String(name.dropLast(suffix.count))
            return base
        }
        if name.hasSuffix("_bucket") {
            guard let bound = try? NumberText.float(labels[LabelName.bucketBound]), !bound.isNaN else { return nil }
            return (.bucket(bound), base("_bucket"))
        }
        if name.hasSuffix("_count") { return (.count, base("_count")) }
        if name.hasSuffix("_sum") { return (.sum, base("_sum")) }
        return nil
    }

    private static func add(_ count: Double, upTo bound: Double, to parts: inout Parts) throws(NotationError) {
        if count < 0 { throw NotationError("bucket count must be non-negative") }
        let index = parts.buckets.firstIndex { $0.bound >= bound } ?? parts.buckets.count
        if index < parts.buckets.count, parts.buckets[index].bound == bound { return }
        let isTooSmall = index > 0 && count < parts.buckets[index - 1].count
        let isTooGreat = index < parts.buckets.count && count > parts.buckets[index].count
        if isTooSmall || isTooGreat { throw NotationError("count is not cumulative") }
        parts.buckets.insert((bound, count), at: index)
    }

    private static func histogram(_ parts: Parts) throws(NotationError) -> FloatHistogram {
        var cumulative = parts.buckets
        let total = parts.count ?? cumulative.last?.count ?? 0
        if cumulative.last?.bound != .infinity { cumulative.append((.infinity, total)) }
        guard total == cumulative.last?.count else {
            throw NotationError("count mismatch: the count differs from that of the last bucket")
        }
        var histogram = FloatHistogram()
        histogram.schema = FloatHistogram.customSchema
        histogram.count = total
        histogram.sum = parts.sum
        histogram.customValues = cumulative.dropLast().map(\.bound)
        var counts: [Double] = []
        var previous = 0.0
        for bucket in cumulative {
            counts.append(bucket.count - previous)
            previous = bucket.count
        }
        let span = FloatHistogram.Span(offset: 0, length: UInt32(counts.count))
        (histogram.positiveSpans, histogram.positiveBuckets) = HistogramBuckets([span], counts).layout
        return histogram
    }
}
