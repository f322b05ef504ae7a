package import Model

/// A remote-write 1.0 message (`prometheus.WriteRequest`).
package struct WriteRequest: Sendable {
    /// Largest message after decompression.
    package static let bytesMax = 32 << 20

    /// The series with their samples.
    package var series: [SeriesSamples]
    /// Series whose labels can't name a series; they were left out.
    package var invalidSeries = 0
    /// Why the first of them was.
    package var firstInvalid: String?
    /// Native histogram samples, which are not taken yet.
    package var skippedHistograms = 0

    /// A message with these series.
    package init(series: [SeriesSamples]) { self.series = series }

    /// Decompresses and decodes a body.
    package init(snappy body: [UInt8], bytesMax: Int = WriteRequest.bytesMax) throws(RemoteWriteError) {
        let bytes = try Snappy.decompress(body, bytesMax: bytesMax)
        series = []
        var reader = ProtobufReader(bytes, in: 0..<bytes.count)
        while let (number, value) = try reader.next() {
            guard number == 1, case .bytes(let range) = value else { continue }
            try decodeSeries(bytes, range)
        }
    }

    private mutating func decodeSeries(_ bytes: [UInt8], _ range: Range<Int>) throws(RemoteWriteError) {
        var labels: [Label] = []
        var one = SeriesSamples(labels: Labels(), times: [], values: [])
        var reader = ProtobufReader(bytes, in: range)
        while let (number, value) = try reader.next() {
            guard case .bytes(let part) = value else { continue }
            switch number {
            case 1: labels.append(try Self.label(bytes, part))
            case 2:
                let sample = try Self.sample(bytes, part)
                one.times.append(sample.time)
                one.values.append(.float(sample.value))
            case 4: skippedHistograms += 1
            default: break
            }
        }
        if let reason = Self.fault(labels) {
            invalidSeries += 1
            firstInvalid = firstInvalid ?? reason
            return
        }
        one.labels = Labels(labels)
        if !one.times.isEmpty { series.append(one) }
    }

    /// Why labels can't name a series: they must be sorted by name, unique, without empty names or values, and have a
    /// metric name.
    private static func fault(_ labels: [Label]) -> String? {
        for (one, next) in zip(labels, labels.dropFirst()) where !one.name.precedesByBytes(next.name) {
            return
                "label \(GoQuote.quoted(next.name)) is not after \(GoQuote.quoted(one.name)): labels must be sorted and unique"
        }
        for label in labels where label.name.isEmpty || label.value.isEmpty {
            return "label \(GoQuote.quoted(label.name)) has an empty name or value"
        }
        return labels.contains { $0.name == LabelName.metricName } ? nil : "the series has no metric name"
    }

    private static func label(_ bytes: [UInt8], _ range: Range<Int>) throws(RemoteWriteError) -> Label {
        var label = Label("", "")
        var reader = ProtobufReader(bytes, in: range)
        while let (number, value) = try reader.next() {
            guard case .bytes(let part) = value else { continue }
            guard let text = String(validating: bytes[part], as: UTF8.self) else {
                throw .protobuf("a label is not valid UTF-8", offset: part.lowerBound)
            }
            if number == 1 { label.name = text } else if number == 2 { label.value = text }
        }
        return label
    }

    private static func sample(_ bytes: [UInt8], _ range: Range<Int>) throws(RemoteWriteError) -> Sample {
        var sample = Sample(time: 0, value: 0)
        var reader = ProtobufReader(bytes, in: range)
        while let (number, value) = try reader.next() {
            switch (number, value) {
            case (1, .fixed64(let bits)): sample.value = Double(bitPattern: bits)
            case (2, .varint(let time)): sample.time = Timestamp(bitPattern: time)
            default: break
            }
        }
        return sample
    }
}
