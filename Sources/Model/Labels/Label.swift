/// Names of labels that mean something to the engine.
package enum LabelName {
    /// The metric name.
    package static let metricName = "__name__"
    /// Upper bound of a classic histogram bucket.
    package static let bucketBound = "le"
    /// Quantile of a summary series.
    package static let quantile = "quantile"
    /// Metric type, where type-and-unit labels are on.
    package static let type = "__type__"
    /// Metric unit, where type-and-unit labels are on.
    package static let unit = "__unit__"
    /// The scrape job of a target.
    package static let job = "job"
    /// The address of a target.
    package static let instance = "instance"

    /// Whether `name` is `[A-Za-z_][A-Za-z0-9_]*`, which prints without quotes.
    package static func isLegacyValid(_ name: String) -> Bool { isWord(name, colons: false) }

    /// Whether `name` is `[A-Za-z_:][A-Za-z0-9_:]*`, which prints without quotes as a metric name.
    package static func isLegacyValidMetric(_ name: String) -> Bool { isWord(name, colons: true) }

    private static func isWord(_ name: String, colons: Bool) -> Bool {
        var first = true
        for byte in name.utf8 {
            let letter = (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x5f || (colons && byte == 0x3a)
            let digit = byte >= 0x30 && byte <= 0x39
            guard letter || (digit && !first) else { return false }
            first = false
        }
        return !first
    }
}

/// One name and value. Equality and hashing go by bytes.
package struct Label: Sendable, Hashable {
    /// The name; never empty in a valid label set.
    package var name: String
    /// The value; an empty one means "absent".
    package var value: String

    /// A label.
    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Equality by bytes.
    package static func == (left: Label, right: Label) -> Bool {
        left.name.equalsByBytes(right.name) && left.value.equalsByBytes(right.value)
    }

    /// Hash by bytes.
    package func hash(into hasher: inout Hasher) {
        var name = name
        var value = value
        name.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xff as UInt8)
        value.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
