import Glibc
import Model

extension FloatHistogram {
    /// The text form that `count_values` makes a label of: `{count:2, sum:3, (1,2]:2}`, empty buckets left out.
    var bucketText: String {
        var parts = ["count:\(GoFormat.general(count))", "sum:\(GoFormat.general(sum))"]
        for (index, count) in Self.indexed(negativeSpans, negativeBuckets).reversed() where count != 0 {
            parts.append("[-\(text(index)),-\(text(index - 1))):\(GoFormat.general(count))")
        }
        if zeroCount != 0 {
            let width = GoFormat.general(zeroThreshold)
            parts.append("[-\(width),\(width)]:\(GoFormat.general(zeroCount))")
        }
        for (index, count) in Self.indexed(positiveSpans, positiveBuckets) where count != 0 {
            parts.append("(\(text(index - 1)),\(text(index))]:\(GoFormat.general(count))")
        }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    private func text(_ index: Int) -> String { GoFormat.general(upperBound(index)) }

    /// The upper bound of the positive bucket with an index.
    func upperBound(_ index: Int) -> Double {
        if schema == Self.customSchema {
            if index < 0 { return -.infinity }
            return index < customValues.count ? customValues[index] : .infinity
        }
        if schema <= 0 {
            let factor = 1 << Int(min(-schema, 30))
            return scalbn(1, Int32(clamping: index.multipliedReportingOverflow(by: factor).partialValue))
        }
        return exp2(Double(index) / Double(1 << Int(min(schema, 30))))
    }

    /// Buckets with their indexes.
    private static func indexed(_ spans: [Span], _ buckets: [Double]) -> [(Int, Double)] {
        var out: [(Int, Double)] = []
        var index = 0
        var place = 0
        for span in spans {
            index += Int(span.offset)
            for _ in 0..<span.length where place < buckets.count {
                out.append((index, buckets[place]))
                index += 1
                place += 1
            }
        }
        return out
    }
}
