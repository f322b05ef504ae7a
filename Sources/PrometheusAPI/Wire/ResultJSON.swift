package import Documents
package import Model
package import PromQL

/// Query answers in the JSON of the Prometheus API.
package enum ResultJSON {
    /// `{"resultType":...,"result":...}`
    package static func write(_ value: QueryValue, to json: inout JSONWriter) {
        json.beginObject()
        json.field("resultType", value.type.rawValue)
        json.key("result")
        switch value {
        case .scalar(let time, let number): pair(time, FloatText.json(number), &json)
        case .string(let time, let text): pair(time, text, &json)
        case .vector(let elements):
            json.beginArray()
            for element in elements { write(element, &json) }
            json.endArray()
        case .matrix(let series):
            json.beginArray()
            for one in series { write(one, &json) }
            json.endArray()
        }
        json.endObject()
    }

    /// A label set as an object.
    package static func write(_ labels: Labels, to json: inout JSONWriter) {
        json.beginObject()
        for label in labels {
            json.key(label.name)
            json.string(label.value)
        }
        json.endObject()
    }

    package static func write(_ element: VectorElement, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("metric")
        write(element.labels, to: &json)
        switch element.value {
        case .float(let number):
            json.key("value")
            pair(element.time, FloatText.json(number), &json)
        case .histogram(let histogram):
            json.key("histogram")
            HistogramJSON.writePair(element.time, histogram, &json)
        }
        json.endObject()
    }

    private static func write(_ series: MatrixSeries, _ json: inout JSONWriter) {
        json.beginObject()
        json.key("metric")
        write(series.labels, to: &json)
        if !series.times.isEmpty {
            json.key("values")
            json.beginArray()
            for (time, value) in zip(series.times, series.values) { pair(time, FloatText.json(value), &json) }
            json.endArray()
        }
        if !series.histograms.isEmpty {
            json.key("histograms")
            json.beginArray()
            for sample in series.histograms { HistogramJSON.writePair(sample.time, sample.histogram, &json) }
            json.endArray()
        }
        json.endObject()
    }

    /// Writes `[time, "text"]`, the time in seconds.
    package static func pair(_ time: Timestamp, _ text: String, _ json: inout JSONWriter) {
        json.beginArray()
        json.number(seconds(time))
        json.string(text)
        json.endArray()
    }

    /// Seconds with exactly three decimals, or none when the time is a whole second.
    package static func seconds(_ time: Timestamp) -> String {
        let magnitude = time.magnitude
        let sign = time < 0 ? "-" : ""
        if magnitude % 1000 == 0 { return sign + String(magnitude / 1000) }
        let rest = String(magnitude % 1000)
        return sign + String(magnitude / 1000) + "." + String(repeating: "0", count: 3 - rest.utf8.count) + rest
    }
}
