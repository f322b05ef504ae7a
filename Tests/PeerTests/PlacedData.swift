import Model
import TestSupport

/// Random data and queries moved to the present, under names of their own, so that one pair of servers holds many sets.
///
/// Samples lie at .3 of a second and questions at 3.5 s past the ten-second grid, while windows, offsets and steps are
/// whole or half seconds and subquery steps whole tens: no sample lies on the edge of a window, and no subquery's
/// step does.
struct PlacedData {
    let series: [NaiveData.Series]
    private let start: Timestamp
    private let prefix: String

    /// `start` lies on the ten-second grid; the data's time 0 becomes it.
    init(_ data: NaiveData, seed: UInt64, start: Timestamp) {
        let prefix = "set\(seed)_"
        self.prefix = prefix
        self.start = start
        series = data.series.map { one in
            var labels = one.labels
            labels[LabelName.metricName] = prefix + one.labels[LabelName.metricName]
            return NaiveData.Series(
                labels: labels, samples: one.samples.map { ($0.time / 1000 * 1000 + 300 + start, $0.value) })
        }
    }

    /// The query over this set's names, its absolute times moved.
    func query(_ text: String) -> String {
        var out = text
        for name in RandomQuery.names { out.replace(name, with: prefix + name) }
        for (fixed, offset) in [("@ 600", Timestamp(603_500)), ("@ 1234.5", 1_234_500)] {
            out.replace(fixed, with: "@ \((start + offset) / 1000).5")
        }
        return out
    }

    /// The time to ask at.
    func time(_ time: Timestamp) -> Timestamp { start + time / 10_000 * 10_000 + 3_500 }
}
