package import Documents
import Glibc
package import Model

/// Native histograms in the JSON of the Prometheus API: count, sum, and the non-empty buckets with their bounds.
package enum HistogramJSON {
    /// How a bucket's borders are closed, by the numbers of the API.
    private enum Borders: Int {
        case openLeft = 0
        case openRight = 1
        case open = 2
        case closed = 3
    }

    /// Writes `[time, {histogram}]`, the time in seconds.
    package static func writePair(_ time: Timestamp, _ histogram: FloatHistogram, _ json: inout JSONWriter) {
        json.beginArray()
        json.number(ResultJSON.seconds(time))
        json.beginObject()
        json.field("count", FloatText.json(histogram.count))
        json.field("sum", FloatText.json(histogram.sum))
        let buckets = Self.buckets(histogram).filter { $0.count != 0 }
        if !buckets.isEmpty {
            json.key("buckets")
            json.beginArray()
            for bucket in buckets {
                json.beginArray()
                json.int(bucket.borders.rawValue)
                json.string(FloatText.json(bucket.lower))
                json.string(FloatText.json(bucket.upper))
                json.string(FloatText.json(bucket.count))
                json.endArray()
            }
            json.endArray()
        }
        json.endObject()
        json.endArray()
    }

    /// Every bucket from the lowest to the highest.
    private static func buckets(
        _ histogram: FloatHistogram
    ) -> [(borders: Borders, lower: Double, upper: Double, count: Double)] {
        var out: [(borders: Borders, lower: Double, upper: Double, count: Double)] = []
        for (index, count) in indexed(histogram.negativeSpans, histogram.negativeBuckets).reversed() {
            let bounds = Self.bounds(histogram, index)
            out.append((.openRight, -bounds.upper, -bounds.lower, count))
        }
        if histogram.zeroCount != 0 {
            out.append((.closed, -histogram.zeroThreshold, histogram.zeroThreshold, histogram.zeroCount))
        }
        for (index, count) in indexed(histogram.positiveSpans, histogram.positiveBuckets) {
            let bounds = Self.bounds(histogram, index)
            let isFirstCustom = histogram.schema == FloatHistogram.customSchema && index == 0
            out.append((isFirstCustom ? .closed : .openLeft, bounds.lower, bounds.upper, count))
        }
        return out
    }

    private static func indexed(_ spans: [FloatHistogram.Span], _ counts: [Double]) -> [(index: Int, count: Double)] {
        var out: [(index: Int, count: Double)] = []
        var index = 0
        var next = 0
        for span in spans {
            index += Int(span.offset)
            for _ in 0..<min(Int(span.length), counts.count - next) {
                out.append((index, counts[next]))
                index += 1
                next += 1
            }
        }
        return out
    }

    private static func bounds(_ histogram: FloatHistogram, _ index: Int) -> (lower: Double, upper: Double) {
        if histogram.schema == FloatHistogram.customSchema {
            let bounds = histogram.customValues
            let lower = index > 0 && index <= bounds.count ? bounds[index - 1] : -.infinity
            return (lower, index >= 0 && index < bounds.count ? bounds[index] : .infinity)
        }
        let scale = exp2(-Double(histogram.schema))
        return (exp2(Double(index - 1) * scale), exp2(Double(index) * scale))
    }
}
