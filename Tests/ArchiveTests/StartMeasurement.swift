import Archive
import Foundation
import Model
import TSDB
import Testing

/// How long a start takes; printed. Run with HALDANE_MEASURE=1 in a release build.
@Suite("Start measurement") struct StartMeasurement {
    private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let began = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - began) / 1e6
    }

    @Test(
        "ready after kill -9 with an hour of 50,000 series at 1 s, and empty",
        .enabled(if: WorkloadMeasurement.isOn, "a measurement: runs with HALDANE_MEASURE=1"))
    func start() throws {
        let folder = TemporaryFolder()
        let environment = ProcessInfo.processInfo.environment
        let rows = environment["HALDANE_ROWS"].flatMap { Int($0) } ?? 3_600
        let start = StoreFixture.start
        // Most of an hour file's life is behind it, and the kill comes just before chunks are sealed.
        do {
            let directory = try DataDirectory.open(folder.data, now: start)
            var workloads = (0..<50).map { ProxyWorkload($0) }
            let groups = try workloads.indices.map {
                try directory.database.openGroup(GroupKey(job: "p", target: "\($0)"))
            }
            for target in workloads.indices {
                for labels in workloads[target].labels { _ = try groups[target].column(for: labels) }
            }
            var row = SampleRow(time: 0)
            for second in 0..<rows {
                let now = start + Int64(second) * 1_000
                for target in workloads.indices {
                    workloads[target].advance()
                    row.reset(time: now + Int64(target), columnCount: 1_000)
                    for (column, value) in workloads[target].values.enumerated() { row.set(column, to: value) }
                    try groups[target].append(row)
                }
                try directory.maintain(now: now)
            }
            print("built: \(directory.storageStatus())")
        }
        let end = start + Int64(rows) * 1_000
        for round in 0..<3 {
            let copy = try folder.copy("copy\(round)")
            var report = ""
            let took = try milliseconds { report = try DataDirectory.open(copy, now: end).report.description }
            print("start after kill -9: \(took) ms; \(report)")
        }
        let empty = folder.path + "/empty"
        print("start on nothing: \(try milliseconds { _ = try DataDirectory.open(empty, now: end) }) ms")
    }
}
