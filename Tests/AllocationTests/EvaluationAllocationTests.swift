import CAllocationCount
import Model
import PromQL
import TSDB
import Testing

/// Allocations of an evaluation, counted: they may grow with the series, never with the samples read.
@Suite("Allocations per evaluation") struct EvaluationAllocationTests {
    static let start: Timestamp = 1_788_253_200_000

    /// A target with so many counters, scraped so many times, once a second.
    static func database(series: Int, scrapes: Int) throws -> Database {
        let database = Database()
        let group = try database.openGroup(GroupKey(job: "j", target: "t"))
        var row = SampleRow(time: start, columnCount: series)
        for number in 0..<series {
            let labels: Labels = [
                "__name__": "latency_bucket", "deployment": "podinfo", "le": FloatText.openMetrics(Double(number % 26)),
                "number": String(number / 26),
            ]
            _ = try group.column(for: labels)
        }
        for scrape in 1...scrapes {
            row.reset(time: start + Timestamp(scrape) * 1000, columnCount: series)
            for number in 0..<series { row.set(number, to: Double(scrape * (number % 26 + 1))) }
            try group.append(row)
        }
        return database
    }

    /// Allocations of one evaluation, after one that warmed up.
    static func count(_ text: String, _ database: Database, scrapes: Int) throws -> Int {
        let engine = Engine()
        let query = try engine.prepare(text)
        let time = start + Timestamp(scrapes) * 1000
        _ = try engine.instant(query, at: time, on: database)
        let before = haldane_thread_allocations()
        _ = try engine.instant(query, at: time, on: database)
        return Int(haldane_thread_allocations() - before)
    }

    @Test(
        "more samples need no more allocations",
        arguments: [
            "sum(rate(latency_bucket[50s]))", "sum by (le) (rate(latency_bucket[50s]))",
            "histogram_quantile(0.99, sum by (le) (rate(latency_bucket[50s])))", "sum(latency_bucket)",
        ])
    func samples(query: String) throws {
        let few = try Self.count(query, try Self.database(series: 26 * 8, scrapes: 15), scrapes: 15)
        let many = try Self.count(query, try Self.database(series: 26 * 8, scrapes: 60), scrapes: 60)
        print("allocations: \(query): \(few) over 3,000 samples, \(many) over 10,000")
        // Rows since the last checkpoint are walked with a few buffers more; no sample costs one.
        #expect(many < few + 200)
    }

    @Test("series need a bounded number each") func series() throws {
        let query = "sum by (le) (rate(latency_bucket[50s]))"
        let few = try Self.count(query, try Self.database(series: 26 * 4, scrapes: 60), scrapes: 60)
        let many = try Self.count(query, try Self.database(series: 26 * 40, scrapes: 60), scrapes: 60)
        print("allocations: \(query): \(few) over 104 series, \(many) over 1,040")
        // Unoptimised builds box and copy where optimised ones don't; the bound keeps them from getting worse.
        #expect(many - few < 936 * 25)
    }
}
