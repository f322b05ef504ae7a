internal import Model

/// Makes the label set of a series from its ranges in the body.
struct LabelBuilder {
    let bytes: BodyBytes
    /// The type of the last TYPE line; `unknown` without one.
    let type: MetricType

    /// The label set and the names that came with an empty value; throws for a name that occurs twice.
    /// Insertion sort, O(labels squared) comparisons of bytes at worst: sets are small and nearly sorted.
    func labels(of series: SeriesRanges) throws(LineError) -> (labels: Labels, emptyNames: [String]) {
        guard let metricName = series.name else { throw .nameMissing }
        var pairs: [Label] = []
        pairs.reserveCapacity(series.pairs.count + 1)
        var emptyNames: [String] = []
        try insert(Label(LabelName.metricName, Self.unescape(bytes, metricName)), into: &pairs)
        for pair in series.pairs {
            let name = Self.unescape(bytes, pair.name)
            try insert(Label(name, normalised(name, Self.unescape(bytes, pair.value))), into: &pairs)
            if pair.value.count == 0 { emptyNames.append(name) }
        }
        if !emptyNames.isEmpty { pairs.removeAll(where: \.value.isEmpty) }
        return (Labels(alreadySorted: pairs), emptyNames)
    }

    /// Inserts a label in the order of the names, searching from the end.
    private func insert(_ label: Label, into pairs: inout [Label]) throws(LineError) {
        var index = pairs.count
        while index > 0, !pairs[index - 1].name.precedesByBytes(label.name) {
            guard !pairs[index - 1].name.equalsByBytes(label.name) else {
                throw .duplicateLabel(String(label.name.prefix(64)))
            }
            index -= 1
        }
        pairs.insert(label, at: index)
    }

    /// A label value as Prometheus 3 stores it: bounds of histograms and quantiles of summaries get one form (`1` is `1.0`).
    private func normalised(_ name: String, _ value: String) -> String {
        let isBound =
            switch type.numberLabel {
            case .none: false
            case .bound: name == LabelName.bucketBound
            case .quantile: name == LabelName.quantile
            }
        guard isBound, let number = NumberScanner.parse(value) else { return value }
        return FloatText.openMetrics(number)
    }

    /// The text of a range with `\\`, `\"` and `\n` resolved; other backslashes stay.
    static func unescape(_ bytes: BodyBytes, _ range: ByteRange, quotes: Bool = true) -> String {
        var at = range.start
        while at < range.end, bytes.byte(at) != 0x5c { at += 1 }
        guard at < range.end else { return bytes.text(range) }
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        bytes.append(ByteRange(range.start, at), to: &out)
        while at < range.end {
            let byte = bytes.byte(at)
            if byte == 0x5c, at + 1 < range.end, let meant = meaning(of: bytes.byte(at + 1), quotes: quotes) {
                out.append(meant)
                at += 2
            } else {
                out.append(byte)
                at += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func meaning(of byte: UInt8, quotes: Bool) -> UInt8? {
        switch byte {
        case 0x5c: 0x5c
        case 0x6e: 0x0a
        case 0x22: quotes ? 0x22 : nil
        default: nil
        }
    }
}
