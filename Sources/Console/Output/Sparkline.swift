import Model

/// A row of small bars: the shape of a series in a few characters.
package enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    /// One character per value, scaled between `low` and `high` (by default the values' own). A blank where there is
    /// no value.
    package static func text(_ values: [Double?], low: Double? = nil, high: Double? = nil) -> String {
        let known = values.compactMap { $0 }.filter(\.isFinite)
        guard let least = low ?? known.min(), let most = high ?? known.max() else {
            return String(repeating: " ", count: values.count)
        }
        return String(
            values.map { value in
                guard let value, value.isFinite else { return " " }
                // A flat line of anything but nothing lies in the middle.
                if most <= least { return value == 0 ? bars[0] : bars[bars.count / 2 - 1] }
                // By halves, since the distance of two numbers need not be one.
                let share = (min(max(value, least), most) / 2 - least / 2) / (most / 2 - least / 2)
                return bars[Int(saturating: (min(share, 1) * Double(bars.count - 1)).rounded())]
            })
    }

    /// A bar of `width` characters of which `share` (0...1) is full.
    package static func bar(_ share: Double, width: Int) -> String {
        let full = Int(saturating: (min(max(share, 0), 1) * Double(width)).rounded())
        return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    }
}
