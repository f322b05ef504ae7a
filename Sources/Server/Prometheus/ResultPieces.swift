import Documents
import Model
import PromQL
import PrometheusAPI

/// The answer to a query in the JSON of the Prometheus API, envelope and all, in pieces.
struct ResultPieces: PieceWriter {
    private enum Stage {
        case start
        case items
        case end
    }

    private let value: QueryValue
    private let annotations: Annotations
    private var stage = Stage.start
    /// The element or series that comes next, or whose samples do.
    private var item = 0
    private var series = SeriesPieces()

    init(_ value: QueryValue, _ annotations: Annotations) {
        self.value = value
        self.annotations = annotations
    }

    mutating func write(to json: inout JSONWriter, upTo limit: Int) -> Bool {
        if case .start = stage { begin(&json) }
        if case .items = stage {
            guard writeItems(to: &json, upTo: limit) else { return false }
            json.endArray()
            stage = .end
        }
        json.endObject()
        Envelope.end(annotations, &json)
        return true
    }

    private mutating func begin(_ json: inout JSONWriter) {
        Envelope.begin(&json)
        json.beginObject()
        json.field("resultType", value.type.rawValue)
        json.key("result")
        switch value {
        case .scalar(let time, let number): ResultJSON.pair(time, FloatText.json(number), &json)
        case .string(let time, let text): ResultJSON.pair(time, text, &json)
        case .vector, .matrix: json.beginArray()
        }
        switch value {
        case .scalar, .string: stage = .end
        case .vector, .matrix: stage = .items
        }
    }

    private mutating func writeItems(to json: inout JSONWriter, upTo limit: Int) -> Bool {
        switch value {
        case .vector(let elements):
            while item < elements.count {
                if json.bytes.count >= limit { return false }
                ResultJSON.write(elements[item], &json)
                item += 1
            }
        case .matrix(let all):
            while item < all.count {
                guard series.write(all[item], to: &json, upTo: limit) else { return false }
                item += 1
            }
        case .scalar, .string: break
        }
        return true
    }

    /// About how many bytes the value has in memory.
    var heldBytes: Int {
        switch value {
        case .scalar, .string: return 0
        case .vector(let elements):
            return elements.reduce(0) { $0 + 64 + Self.bytes(of: $1.labels) + Self.bytes(of: $1.value) }
        case .matrix(let series):
            return series.reduce(0) { sum, one in
                sum + 64 + Self.bytes(of: one.labels) + one.times.count * 16
                    + one.histograms.reduce(0) { $0 + 8 + Self.bytes(of: $1.histogram) }
            }
        }
    }

    /// Most texts of label sets are shared with the store.
    private static func bytes(of labels: Labels) -> Int { labels.count * 32 }

    private static func bytes(of value: SampleValue) -> Int {
        if case .histogram(let histogram) = value { return bytes(of: histogram) }
        return 8
    }

    private static func bytes(of histogram: FloatHistogram) -> Int {
        128 + 8 * (histogram.positiveBuckets.count + histogram.negativeBuckets.count + histogram.customValues.count)
            + 8 * (histogram.positiveSpans.count + histogram.negativeSpans.count)
    }
}

/// Where writing stands within one series.
private struct SeriesPieces {
    private var isOpen = false
    private var sample = 0
    private var histogram = 0

    /// Writes on with a series; `true` when it is written, and the next may follow.
    mutating func write(_ series: MatrixSeries, to json: inout JSONWriter, upTo limit: Int) -> Bool {
        if !isOpen {
            if json.bytes.count >= limit { return false }
            json.beginObject()
            json.key("metric")
            ResultJSON.write(series.labels, to: &json)
            if !series.times.isEmpty { Self.open("values", &json) }
            isOpen = true
        }
        while sample < series.times.count {
            if json.bytes.count >= limit { return false }
            ResultJSON.pair(series.times[sample], FloatText.json(series.values[sample]), &json)
            sample += 1
            if sample == series.times.count { json.endArray() }
        }
        while histogram < series.histograms.count {
            if json.bytes.count >= limit { return false }
            if histogram == 0 { Self.open("histograms", &json) }
            HistogramJSON.writePair(series.histograms[histogram].time, series.histograms[histogram].histogram, &json)
            histogram += 1
            if histogram == series.histograms.count { json.endArray() }
        }
        json.endObject()
        self = SeriesPieces()
        return true
    }

    private static func open(_ key: String, _ json: inout JSONWriter) {
        json.key(key)
        json.beginArray()
    }
}
