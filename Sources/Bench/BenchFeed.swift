import Console
import Exposition
package import Model
import Outbound
import PrometheusAPI
import RemoteWrite
import Simulator

/// Simulated Linkerd traffic as remote-write messages, the same for every server.
package struct BenchFeed {
    /// Series of all pods.
    package private(set) var series = 0
    /// Samples of all series.
    package private(set) var samples = 0
    private var bodies: [[UInt8]] = []

    /// Scrapes of `pods` pods every ten seconds, 7.3 s past the ten-second grid, in messages of a few minutes.
    package init(pods: Int, from start: Timestamp, through end: Timestamp) throws {
        var workloads: [WorkloadOption] = []
        for number in 0..<(pods + 1) / 2 {
            var option = WorkloadOption(name: "app-\(number)")
            option.pods = min(2, pods - 2 * number)
            option.rate = 40
            workloads.append(option)
        }
        let fleet = ProxyFleet(workloads: workloads, seed: 1, start: start)
        var readers: [String: BodyReader] = [:]
        var labels: [String: [Labels]] = [:]
        var rows: [String: SampleRow] = [:]
        var open: [String: [SeriesSamples]] = [:]
        for (step, time) in stride(from: start + 7_300, through: end, by: 10_000).enumerated() {
            for pod in fleet.pods {
                guard let body = fleet.scrape(pod.name, at: time) else { continue }
                let deployment = pod.name.split(separator: "-").prefix(2).joined(separator: "-")
                let target: Labels = ["namespace": "test", "deployment": deployment, "pod": pod.name]
                var known = labels[pod.name] ?? []
                var row = rows[pod.name] ?? SampleRow(time: time)
                row.reset(time: time, columnCount: row.columnCount)
                try unsafe body.withUnsafeBytes { raw in
                    try readers[pod.name, default: BodyReader(hashSeed: 1)].read(
                        unsafe BodyBytes(raw), format: .text, isComplete: true, into: &row
                    ) { series in
                        // Two lines of one body may differ only in labels that the target's replace.
                        let merged = Labels(Array(target) + Array(series.labels))
                        if let index = known.firstIndex(of: merged) { return Slot.column(index) }
                        known.append(merged)
                        return Slot.column(known.count - 1)
                    }
                }
                collect(row, known, into: &open[pod.name, default: []])
                labels[pod.name] = known
                rows[pod.name] = row
            }
            if step % 20 == 19 { close(&open) }
        }
        close(&open)
        series = labels.values.reduce(0) { $0 + $1.count }
    }

    private mutating func collect(_ row: SampleRow, _ labels: [Labels], into open: inout [SeriesSamples]) {
        for column in open.count..<max(open.count, labels.count) {
            open.append(SeriesSamples(labels: labels[column], times: [], values: []))
        }
        for column in 0..<row.columnCount where row.has(column) {
            open[column].times.append(row.time)
            open[column].values.append(.float(row.values[column]))
            samples += 1
        }
    }

    /// One message per pod: they stay far below what a server takes at once.
    private mutating func close(_ open: inout [String: [SeriesSamples]]) {
        for pod in open.keys.sorted() {
            guard let series = open[pod] else { continue }
            bodies.append(WriteRequest(series: series.filter { !$0.times.isEmpty }).snappyBody())
        }
        open = [:]
    }

    /// Writes everything to a server.
    package func write(to server: BenchServer) async throws {
        for body in bodies {
            let request = OutboundRequest(
                "POST", server.client.server + "/api/v1/write",
                headers: [
                    ("Content-Type", "application/x-protobuf"), ("Content-Encoding", "snappy"),
                    ("X-Prometheus-Remote-Write-Version", "0.1.0"),
                ], body: body, timeout: .seconds(60), answerBytesMax: 1 << 20)
            let response = try await OutboundClient.shared.send(request)
            guard (200..<300).contains(response.status) else {
                throw CommandError.unreachable(
                    "\(server.name) refused the samples with \(response.status): \(String(decoding: response.body, as: UTF8.self))"
                )
            }
        }
    }
}
