internal import Model

/// Makes label sets from the ranges of a series.
struct LabelBuilder {
    let bytes: BodyBytes
    /// Type of the family, as far as TYPE lines say.
    let type: MetricType

    /// The label set and the names that came with an empty value; throws for a name that occurs twice. O(labels
    /// squared), which stays small.
    func labels(of series: SeriesRanges) throws(LineError) -> (labels: Labels, emptyNames: [String]) {
        guard let metricName = series.name else { throw .nameMissing }
        var pairs = [Label(LabelName.metricName, Self.unescape(bytes, metricName))]
        pairs.reserveCapacity(series.pairs.count + 1)
        for pair in series.pairs {
            let name = Self.unescape(bytes, pair.name)
            guard !pairs.contains(where: { $0.name.equalsByBytes(name) }) else { throw .duplicateLabel(name) }
            pairs.append(Label(name, normalised(name, Self.unescape(bytes, pair.value))))
        }
        return (Labels(pairs), pairs.filter(\.value.isEmpty).map(\.name))
    }

    /// Bounds of histograms and quantiles of summaries in the form Prometheus 3 stores.
    private func normalised(_ name: String, _ value: String) -> String {
        let isBound =
            (type == .histogram && name == LabelName.bucketBound) || (type == .summary && name == LabelName.quantile)
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
