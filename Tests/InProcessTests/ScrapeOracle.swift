import Model
import Scrape
import TestSupport

/// What a store must hold after scrapes, by the rules as the book has them: dictionaries of samples, nothing else.
struct ScrapeOracle {
    private struct State {
        var present: Set<Labels> = []
        var newest: Timestamp?
    }

    /// Samples by series and time.
    private(set) var samples: [Labels: [Timestamp: UInt64]] = [:]
    private var targets: [GroupKey: State] = [:]
    private static let futureTolerance: Milliseconds = 600_000

    /// Series whose values depend on how fast the machine is.
    static func isTiming(_ labels: Labels) -> Bool { labels.metricName == "scrape_duration_seconds" }

    /// A scrape that began at `began`; `nil` for one that got no body.
    mutating func scrape(_ target: Target, _ body: String?, began: Timestamp) {
        store(target, body, at: ScrapeSchedule(interval: target.interval, key: target.key).sampleTime(began: began))
    }

    /// A scrape whose samples get the time `due`, or a later one where that has passed.
    mutating func store(_ target: Target, _ body: String?, at due: Timestamp) {
        var state = targets[target.key] ?? State()
        let time = state.newest.map { max(due, $0 + 1) } ?? due
        var current: Set<Labels> = []
        let read = body.map { NaiveBody($0).samples } ?? []
        for sample in read {
            let labels = Self.merged(sample.labels, target.labels)
            if let own = sample.time {
                if own <= time + Self.futureTolerance { add(labels, own, sample.bits) }
            } else {
                add(labels, time, sample.bits)
                current.insert(labels)
            }
        }
        for gone in state.present.subtracting(current) { add(gone, time, SpecialValue.staleBits) }
        let values: [(String, Double)] = [
            ("up", body == nil ? 0 : 1), ("scrape_duration_seconds", 0),
            ("scrape_samples_scraped", Double(read.count)),
            ("scrape_samples_post_metric_relabeling", Double(read.count)),
            ("scrape_series_added", Double(current.subtracting(state.present).count)),
        ]
        for (name, value) in values { add(Self.named(name, target.labels), time, value.bitPattern) }
        state.present = current
        state.newest = time
        targets[target.key] = state
    }

    /// The target is there no more.
    mutating func end(_ target: Target, at now: Timestamp) {
        guard let state = targets[target.key], let newest = state.newest else { return }
        let time = max(now, newest + 1)
        for gone in state.present { add(gone, time, SpecialValue.staleBits) }
        for name in [
            "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
            "scrape_series_added",
        ] { add(Self.named(name, target.labels), time, SpecialValue.staleBits) }
        targets[target.key] = nil
    }

    /// The scraper begins anew and remembers nothing.
    mutating func restart() { targets = [:] }

    private mutating func add(_ labels: Labels, _ time: Timestamp, _ bits: UInt64) {
        if samples[labels]?[time] == nil { samples[labels, default: [:]][time] = bits }
    }

    private static func named(_ name: String, _ labels: Labels) -> Labels {
        var out = labels
        out[LabelName.metricName] = name
        return out
    }

    private static func merged(_ exposed: Labels, _ target: Labels) -> Labels {
        var out = exposed
        for label in target {
            let own = exposed[label.name]
            if !own.isEmpty { out["exported_" + label.name] = own }
            out[label.name] = label.value
        }
        return out
    }
}
