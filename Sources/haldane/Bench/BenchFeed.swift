import AsyncHTTPClient
import Exposition
import Model
import NIOCore
import NIOHTTP1
import RemoteWrite
import Simulator

/// Simulated Linkerd traffic as remote-write messages, the same for every server.
struct BenchFeed {
    /// Series of all pods.
    private(set) var series = 0
    /// Samples of all series.
    private(set) var samples = 0
    private var bodies: [[UInt8]] = []

    /// Scrapes of `pods` pods every ten seconds, 7.3 s past the ten-second grid, in messages of a few minutes.
    init(pods: Int, from start: Timestamp, through end: Timestamp) throws {
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
                        if let place = known.firstIndex(of: merged) { return Slot.column(place) }
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
    func write(to server: BenchServer) async throws {
        for body in bodies {
            var request = HTTPClientRequest(url: server.client.server + "/api/v1/write")
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/x-protobuf")
            request.headers.add(name: "Content-Encoding", value: "snappy")
            request.headers.add(name: "X-Prometheus-Remote-Write-Version", value: "0.1.0")
            request.body = .bytes(ByteBuffer(bytes: body))
            let response = try await RemoteHTTP.client.execute(request, timeout: .seconds(60))
            let text = try await response.body.collect(upTo: 1 << 20)
            guard (200..<300).contains(response.status.code) else {
                throw CommandError.unreachable(
                    "\(server.name) refused the samples with \(response.status.code): \(String(buffer: text))")
            }
        }
    }
}
