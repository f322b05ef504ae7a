import Model

/// Codec of native histograms in series chunks (docs/format.md, "Series chunk"): every field as it is, counts and sums as
/// raw bits.
enum HistogramCodec {
    /// The bytes of one histogram; equal bytes mean equal histograms to the bit.
    static func encoded(_ histogram: FloatHistogram) -> [UInt8] {
        var out: [UInt8] = []
        encode(histogram, into: &out)
        return out
    }

    static func encode(_ histogram: FloatHistogram, into out: inout [UInt8]) {
        out.putZigzag(Int64(histogram.schema))
        out.append(histogram.counterResetHint.rawValue)
        for number in [histogram.zeroThreshold, histogram.zeroCount, histogram.count, histogram.sum] {
            out.putWord(number.bitPattern)
        }
        for spans in [histogram.positiveSpans, histogram.negativeSpans] {
            out.putVarint(spans.count)
            for span in spans {
                out.putZigzag(Int64(span.offset))
                out.putVarint(UInt64(span.length))
            }
        }
        for numbers in [histogram.positiveBuckets, histogram.negativeBuckets, histogram.customValues] {
            out.putVarint(numbers.count)
            for number in numbers { out.putWord(number.bitPattern) }
        }
    }

    static func decode(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) -> FloatHistogram {
        var histogram = FloatHistogram()
        guard let schema = Int32(exactly: try cursor.zigzag(bytes)),
            let hint = FloatHistogram.ResetHint(rawValue: try cursor.byte(bytes))
        else { throw .invalid("a histogram schema or hint", at: cursor.at) }
        histogram.schema = schema
        histogram.counterResetHint = hint
        histogram.zeroThreshold = Double(bitPattern: try cursor.word(bytes))
        histogram.zeroCount = Double(bitPattern: try cursor.word(bytes))
        histogram.count = Double(bitPattern: try cursor.word(bytes))
        histogram.sum = Double(bitPattern: try cursor.word(bytes))
        histogram.positiveSpans = try spans(bytes, &cursor)
        histogram.negativeSpans = try spans(bytes, &cursor)
        histogram.positiveBuckets = try numbers(bytes, &cursor)
        histogram.negativeBuckets = try numbers(bytes, &cursor)
        histogram.customValues = try numbers(bytes, &cursor)
        return histogram
    }

    private static func spans(
        _ bytes: Span<UInt8>, _ cursor: inout ByteCursor
    ) throws(DecodeError) -> [FloatHistogram.Span] {
        let count = try cursor.count(bytes, limit: cursor.remaining / 2)
        var out: [FloatHistogram.Span] = []
        for _ in 0..<count {
            guard let offset = Int32(exactly: try cursor.zigzag(bytes)),
                let length = UInt32(exactly: try cursor.varint(bytes))
            else { throw .invalid("a histogram span", at: cursor.at) }
            out.append(FloatHistogram.Span(offset: offset, length: length))
        }
        return out
    }

    private static func numbers(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) -> [Double] {
        let count = try cursor.count(bytes, limit: cursor.remaining / 8)
        var out: [Double] = []
        for _ in 0..<count { out.append(Double(bitPattern: try cursor.word(bytes))) }
        return out
    }
}
