import Archive
import Foundation
import Model
import RemoteWrite
import TSDB
import TestSupport

/// Batches for remote write whose every value follows from series and time, so that any sample that is found can be
/// checked without knowing who sent it.
struct WrittenSamples {
    static let name = "written"
    let seriesCount: Int
    let samplesPerSeries: Int

    /// The value that series `number` has at a time: any bits of a normal number, which no chunk makes small.
    static func value(_ number: Int, _ time: Timestamp) -> Double {
        var generator = SeededGenerator(seed: UInt64(bitPattern: time) &* 1_000_003 &+ UInt64(number))
        return Double(bitPattern: generator.next() & 0x7fdf_ffff_ffff_ffff | 0x0010_0000_0000_0000)
    }

    /// A batch with times from `start` on, a millisecond apart.
    func body(from start: Timestamp) -> [UInt8] {
        let times = (0..<samplesPerSeries).map { start + Int64($0) }
        let series = (0..<seriesCount).map { number in
            SeriesSamples(
                labels: ["__name__": Self.name, "n": "\(number)"], times: times,
                values: times.map { .float(Self.value(number, $0)) })
        }
        return WriteRequest(series: series).snappyBody()
    }

    /// Sends the batch from `start` on and returns the status of the answer.
    func send(from start: Timestamp, to url: String) async throws -> Int {
        let headers = ["Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"]
        return try await HTTP.send(url + "/api/v1/write", "POST", Data(body(from: start)), headers: headers).status
    }

    /// Times found of each series in a data directory, the values checked; what is wrong goes to `problems`.
    static func read(_ path: String) throws -> (
        times: [Int: Set<Timestamp>], report: RecoveryReport, problems: [String]
    ) {
        let directory = try DataDirectory.openReadOnly(path, now: SystemTime.now)
        let (times, problems) = try read(directory.database, in: .always)
        return (times, directory.report, problems)
    }

    /// The same for an open database.
    static func read(
        _ database: Database, in window: TimeWindow
    ) throws -> (times: [Int: Set<Timestamp>], problems: [String]) {
        var problems: [String] = []
        var found: [Int: Set<Timestamp>] = [:]
        for (labels, samples) in try stored(database, name, in: window) {
            guard let number = Int(labels["n"]) else { continue }
            for (time, got) in samples {
                if value(number, time).bitPattern != got.bitPattern { problems.append("\(labels) at \(time): \(got)") }
                found[number, default: []].insert(time)
            }
        }
        return (found, problems)
    }

    /// The samples of a metric name.
    static func stored(
        _ database: Database, _ name: String, in window: TimeWindow
    ) throws -> [Labels: [Timestamp: Double]] {
        let matcher = Matcher(name: "__name__", equals: name)
        let selection = try database.select([SelectRequest([matcher], window)])[0]
        var out: [Labels: [Timestamp: Double]] = [:]
        var buffer = ColumnBuffer()
        for group in selection.groups {
            try group.read(window, into: &buffer)
            for column in 0..<group.labels.count {
                let labels = selection.symbols.labels(group.labels.pairs(of: column))
                for row in 0..<buffer.rowCount where !buffer.isAbsent(row: row, column: column) {
                    out[labels, default: [:]][buffer.times[row]] = buffer.values[row * group.labels.count + column]
                }
            }
        }
        return out
    }
}

/// The present of the tests that run the real program.
enum SystemTime {
    static var now: Timestamp { Timestamp(Date().timeIntervalSince1970 * 1000) }
}
