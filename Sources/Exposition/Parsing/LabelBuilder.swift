internal import Model

/// Makes label sets from the ranges of a series.
struct LabelBuilder {
    let bytes: BodyBytes
    /// Type of the family, as far as TYPE lines say.
    let type: MetricType

    /// The label set and the names that came with an empty value; throws for a name that occurs twice.
    /// O(labels squared) comparisons of bytes, as sets are small and nearly sorted.
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

    /// Puts a label in its place, looking from the end.
    private func insert(_ label: Label, into pairs: inout [Label]) throws(LineError) {
        var place = pairs.count
        while place > 0, !pairs[place - 1].name.precedesByBytes(label.name) {
            guard !pairs[place - 1].name.equalsByBytes(label.name) else {
                throw .duplicateLabel(String(label.name.prefix(64)))
            }
            place -= 1
        }
        pairs.insert(label, at: place)
    }

    /// Bounds of histograms and quantiles of summaries in the form Prometheus 3 stores.
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
