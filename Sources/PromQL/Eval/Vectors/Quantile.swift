/// Quantiles of plain values.
enum Quantile {
    /// The `q`-quantile with linear interpolation between neighbours; sorts `values`, NaN first. NaN when there are no
    /// values or `q` is NaN; infinite when `q` lies outside 0...1.
    static func of(_ values: inout [Double], _ q: Double) -> Double {
        if values.isEmpty || q.isNaN { return .nan }
        if q < 0 { return -.infinity }
        if q > 1 { return .infinity }
        values.sort { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let count = Double(values.count)
        let rank = q * (count - 1)
        let lower = max(0, rank.rounded(.down))
        let upper = min(count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return values[Int(lower)] * (1 - weight) + values[Int(upper)] * weight
    }
}
