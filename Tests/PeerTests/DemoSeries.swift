import Foundation
import Model
import TestSupport

/// The demo service of the compliance queries: the families they ask for, three instances, a sample every ten seconds.
///
/// Samples lie 7.3 s past the ten-second grid, while steps and windows of the queries are whole seconds: nothing falls
/// on the edge of a window.
struct DemoSeries {
    static let interval: Milliseconds = 10_000
    /// Of every sample past the grid.
    static let phase: Milliseconds = 7_300

    private var generator: SeededGenerator
    private let times: [Timestamp]
    private(set) var series: [NaiveData.Series] = []

    /// Samples from `start` (on the grid) through `end`.
    init(from start: Timestamp, through end: Timestamp, seed: UInt64 = 1) {
        generator = SeededGenerator(seed: seed)
        times = stride(from: start + Self.phase, through: end, by: Int64.Stride(Self.interval)).map { $0 }
        for port in 10_000...10_002 { addInstance(["instance": "demo.promlabs.com:\(port)", "job": "demo"]) }
    }

    private mutating func addInstance(_ target: Labels) {
        for (type, size) in [("buffers", 2e8), ("cached", 9e8), ("free", 3e9), ("used", 4e9)] {
            addGauge("demo_memory_usage_bytes", target, ["type": type], around: size)
        }
        addGauge("demo_num_cpus", target, [:], around: nil)
        addGauge("demo_disk_total_bytes", target, [:], around: nil)
        addDisk(target)
        for mode in ["idle", "system", "user"] {
            addCounter("demo_cpu_usage_seconds_total", target, ["mode": mode], most: 10, resetPercent: 1)
        }
        addBatch(target)
        addIntermittent(target)
        for path in ["/api/bar", "/api/foo"] {
            for (method, status) in [("GET", "200"), ("POST", "500")] {
                addHistogram(target, ["method": method, "path": path, "status": status])
            }
        }
    }

    private static func labels(_ name: String, _ target: Labels, _ own: [String: String]) -> Labels {
        var out = target
        out[LabelName.metricName] = name
        for (label, value) in own { out[label] = value }
        return out
    }

    private mutating func add(_ name: String, _ target: Labels, _ own: [String: String], _ values: [Double]) {
        series.append(NaiveData.Series(labels: Self.labels(name, target, own), samples: Array(zip(times, values))))
    }

    /// A gauge that wanders, or stays where it is.
    private mutating func addGauge(_ name: String, _ target: Labels, _ own: [String: String], around size: Double?) {
        var value = size ?? 4
        var values: [Double] = []
        for _ in times {
            if let size {
                value = max(1, value + size * Double.random(in: -0.05...0.05, using: &generator)).rounded()
            }
            values.append(value)
        }
        add(name, target, own, values)
    }

    private mutating func addDisk(_ target: Labels) {
        var value = 1e11
        var values: [Double] = []
        for _ in times {
            value += Double.random(in: -1e6...4e6, using: &generator).rounded()
            values.append(value)
        }
        add("demo_disk_usage_bytes", target, [:], values)
    }

    private mutating func addCounter(
        _ name: String, _ target: Labels, _ own: [String: String], most: Double, resetPercent: Int
    ) {
        var value = 1e5
        var values: [Double] = []
        for _ in times {
            value = generator.chance(resetPercent) ? 0 : value + Double.random(in: 0...most, using: &generator)
            values.append(value)
        }
        add(name, target, own, values)
    }

    /// When a batch last ended well: a step every few minutes, sometimes more than 1000 s late.
    private mutating func addBatch(_ target: Labels) {
        var last = Double(times.first ?? 0) / 1000 - 120
        var values: [Double] = []
        for time in times {
            let now = Double(time) / 1000
            if now - last > 200, generator.chance(now - last > 1500 ? 50 : 3) { last = now - 0.5 }
            values.append(last)
        }
        add("demo_batch_last_success_timestamp_seconds", target, [:], values)
    }

    /// There for some minutes, away for some; when it goes it goes stale.
    private mutating func addIntermittent(_ target: Labels) {
        var samples: [(time: Timestamp, value: Double)] = []
        var isThere = true
        for time in times {
            if generator.chance(4) {
                isThere.toggle()
                if !isThere { samples.append((time, SpecialValue.stale)) }
            } else if isThere {
                samples.append((time, Double(Int.random(in: 0...100, using: &generator))))
            }
        }
        series.append(
            NaiveData.Series(labels: Self.labels("demo_intermittent_metric", target, [:]), samples: samples))
    }

    private mutating func addHistogram(_ target: Labels, _ own: [String: String]) {
        let name = "demo_api_request_duration_seconds"
        let bounds = (0..<25).map { 0.0001 * pow(1.5, Double($0)) }
        var counts = [Double](repeating: 0, count: bounds.count + 1)
        var sum = 0.0
        var columns = [[Double]](repeating: [], count: counts.count + 1)
        for _ in times {
            for _ in 0..<Int.random(in: 5...40, using: &generator) {
                let bucket = Int.random(in: 0...bounds.count, using: &generator)
                sum += bucket < bounds.count ? bounds[bucket] * 0.9 : 3
                for above in bucket..<counts.count { counts[above] += 1 }
            }
            for bucket in counts.indices { columns[bucket].append(counts[bucket]) }
            columns[counts.count].append(sum)
        }
        for bucket in counts.indices {
            var labels = own
            labels["le"] = bucket < bounds.count ? FloatText.plain(bounds[bucket]) : "+Inf"
            add("\(name)_bucket", target, labels, columns[bucket])
        }
        add("\(name)_sum", target, own, columns[counts.count])
        add("\(name)_count", target, own, columns[bounds.count])
    }
}
