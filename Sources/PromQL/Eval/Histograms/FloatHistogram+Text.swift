import Model

extension FloatHistogram {
    /// The text form that `count_values` makes a label of: `{count:2, sum:3, (1,2]:2}`, empty buckets left out.
    var bucketText: String {
        var parts = ["count:\(GoFormat.general(count))", "sum:\(GoFormat.general(sum))"]
        let (below, above) = (negative, positive)
        for (index, count) in zip(below.indexes, below.counts).reversed() {
            parts.append("[-\(text(index)),-\(text(index - 1))):\(GoFormat.general(count))")
        }
        if zeroCount != 0 {
            let width = GoFormat.general(zeroThreshold)
            parts.append("[-\(width),\(width)]:\(GoFormat.general(zeroCount))")
        }
        for (index, count) in zip(above.indexes, above.counts) {
            parts.append("(\(text(index - 1)),\(text(index))]:\(GoFormat.general(count))")
        }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    private func text(_ index: Int) -> String { GoFormat.general(upperBound(index)) }
}
