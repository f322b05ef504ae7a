import Archive
import Foundation
import Model
import TSDB
import Testing

/// Counters of Linkerd proxies as they grow under steady traffic: 27 latency histograms of 26 buckets, request and
/// response counters beside them, and constants, 1,000 series a target.
struct ProxyWorkload {
    private(set) var labels: [Labels] = []
    private var histograms: [(first: Int, rate: Double, total: Int, spread: Double)] = []
    private(set) var values: [Double] = []
    private var state: UInt64

    init(_ target: Int) {
        state = UInt64(target + 1) &* 0x9e37_79b9_7f4a_7c15
        let shared: [String: String] = [
            "pod": "podinfo-\(target)-6f4d9c7b-x2x9q", "instance": "10.42.\(target / 250).\(target % 250):4191",
            "job": "linkerd-proxy", "namespace": "test", "deployment": "podinfo-\(target / 2)",
            "control_plane_ns": "linkerd", "pod_template_hash": "6f4d9c7b",
        ]
        func add(_ name: String, _ more: [String: String]) {
            var set = Labels(shared)
            set["__name__"] = name
            for (name, value) in more { set[name] = value }
            labels.append(set)
            values.append(0)
        }
        for number in 0..<27 {
            let client = [
                "direction": number < 15 ? "inbound" : "outbound", "client_id": "client-\(number / 3).test",
                "status_code": ["200", "404", "500"][number % 3], "tls": "true", "target_port": "\(9_000 + number / 3)",
                "srv_name": "podinfo-\(number / 3)", "authority": "podinfo-\(number / 3).test.svc.cluster.local:9898",
            ]
            let first = labels.count
            for bucket in 0..<26 {
                var bound = client
                bound["le"] = bucket == 25 ? "+Inf" : "\(1 << bucket / 2).0"
                bound["le"]? += bucket % 2 == 0 || bucket == 25 ? "" : "5"
                add("response_latency_ms_bucket", bound)
            }
            add("response_latency_ms_count", client)
            add("response_latency_ms_sum", client)
            add("response_total", client)
            add("request_total", client)
            let rate = number % 7 == 6 ? 0 : exp(Double(number % 5) - 1) * (number % 3 == 0 ? 3 : 0.2)
            histograms.append((first, rate, 4, 2 + Double(number % 4)))
        }
        while labels.count < 1_000 { add("stack_create_total", ["name": "layer-\(labels.count)"]) }
        for index in 810..<1_000 { values[index] = Double(index) }
    }

    private mutating func random() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / 9_007_199_254_740_992
    }

    /// One second of traffic.
    mutating func advance() {
        for histogram in histograms {
            var left = -log(1 - random())
            while left < histogram.rate, histogram.rate > 0 {
                left += -log(1 - random())
                let normal = random() + random() + random() - 1.5
                let latency = exp(histogram.spread + normal * 1.2)
                let bucket = min(25, max(0, Int(log2(latency) * 2)))
                for position in bucket..<26 { values[histogram.first + position] += 1 }
                values[histogram.first + 26] += 1
                values[histogram.first + 27] += latency.rounded()
                values[histogram.first + 28] += 1
                values[histogram.first + 29] += 1
            }
        }
    }
}

/// Figures, printed; run with HALDANE_MEASURE=1 in a release build.
@Suite("Measurement") struct WorkloadMeasurement {
    static let isOn = ProcessInfo.processInfo.environment["HALDANE_MEASURE"] != nil

    private func time(_ what: String, per count: Int, _ body: () throws -> Void) rethrows {
        let began = DispatchTime.now().uptimeNanoseconds
        try body()
        let spent = Double(DispatchTime.now().uptimeNanoseconds - began)
        print("\(what): \(spent / 1e6) ms, \(spent / Double(count)) ns each of \(count)")
    }

    private func memory(_ what: String) {
        let text = (try? String(contentsOfFile: "/proc/self/smaps_rollup", encoding: .utf8)) ?? ""
        let anonymous = text.split(separator: "\n").first { $0.hasPrefix("Anonymous") } ?? ""
        print("\(what): \(anonymous)")
    }

    @Test("50 proxies of 1,000 series at 1 s", .enabled(if: isOn, "a measurement: runs with HALDANE_MEASURE=1"))
    func proxies() throws {
        let folder = TemporaryFolder()
        let targets = 50
        let rows = 300
        let start = StoreFixture.start
        let directory = try DataDirectory.open(folder.data, now: start)
        var workloads = (0..<targets).map { ProxyWorkload($0) }
        memory("before")
        let groups = try workloads.indices.map { try directory.database.openGroup(GroupKey(job: "p", target: "\($0)")) }
        try time("columns", per: targets * 1_000) {
            for target in workloads.indices {
                for labels in workloads[target].labels { _ = try groups[target].column(for: labels) }
            }
        }
        memory("with columns")
        var row = SampleRow(time: 0)
        var spent: UInt64 = 0
        var changed = 0
        for second in 0..<rows {
            let now = start + Int64(second) * 1_000
            for target in workloads.indices {
                let before = workloads[target].values
                workloads[target].advance()
                row.reset(time: now + Int64(target), columnCount: 1_000)
                for (column, value) in workloads[target].values.enumerated() {
                    row.set(column, to: value)
                    if value != before[column] { changed += 1 }
                }
                let began = DispatchTime.now().uptimeNanoseconds
                try groups[target].append(row)
                spent += DispatchTime.now().uptimeNanoseconds - began
            }
            let began = DispatchTime.now().uptimeNanoseconds
            try directory.maintain(now: now)
            spent += DispatchTime.now().uptimeNanoseconds - began
        }
        let samples = targets * rows * 1_000
        print(
            "changed \(Double(changed) / Double(samples)), append + tick \(Double(spent) / Double(samples)) ns/sample")
        print("log \(Double(directory.logBytesWritten) / Double(samples)) B/sample written")
        memory("with \(rows) rows")
        try query(directory.database, start + Int64(rows) * 1_000)
        directory.database.seal(now: start, all: true)
        try directory.close(now: start + Int64(rows) * 1_000)
        print("archived \(Double(directory.archivedBytes) / Double(samples)) B/sample, index included")
        print("\(directory.database.statistics().chunkBytes) bytes of chunks")
        try query(directory.database, start + Int64(rows) * 1_000)
        memory("after queries")
        try time("read-only open", per: 1) {
            print("\(try DataDirectory.openReadOnly(folder.data, now: start + Int64(rows) * 1_000).report)")
        }
    }

    private func query(_ database: Database, _ end: Timestamp) throws {
        let window = TimeWindow(after: end - 60_000, through: end)
        let bucket = Matcher(name: "__name__", equals: "response_latency_ms_bucket")
        let one = Matcher(name: "deployment", equals: "podinfo-3")
        let total = Matcher(name: "__name__", equals: "response_total")
        for (what, matchers) in [("fleet buckets", [bucket]), ("one deployment", [total, one])] {
            var selection: Selection?
            try time("select \(what)", per: 1) { selection = try database.select([SelectRequest(matchers, window)])[0] }
            guard let selection else { continue }
            var counters = CounterWindow()
            try time("counters of \(what)", per: selection.seriesCount) {
                for group in selection.groups { try group.readCounters(in: window, into: &counters) }
            }
            var latest = LatestValues()
            try time("latest of \(what)", per: selection.seriesCount) {
                for group in selection.groups { try group.readLatest(in: window, into: &latest) }
            }
            var buffer = ColumnBuffer()
            try time("read of \(what)", per: selection.seriesCount) {
                for group in selection.groups { try group.read(window, into: &buffer) }
            }
        }
    }
}
