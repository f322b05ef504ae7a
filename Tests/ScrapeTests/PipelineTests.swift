import Exposition
import Model
import Scrape
import Testing

@Suite("From exposed series to stored series")
struct PipelineTests {
    private func pipeline(_ target: Labels, _ change: (inout ScrapeJob) -> Void = { _ in }) -> SeriesPipeline {
        var job = ScrapeJob(name: "j")
        change(&job)
        return SeriesPipeline(targetLabels: target, job: job)
    }

    private func series(_ labels: Labels, empty: [String] = []) -> NewSeries {
        NewSeries(labels: labels, emptyNames: empty, isTimed: false)
    }

    @Test("target labels win, and clashing ones move aside")
    func exported() throws {
        let plain = pipeline(["job": "j", "version": "pod", "exported_version": "x"])
        let got = try plain.labels(of: series(["__name__": "m", "job": "mine", "version": "1"]))
        #expect(
            got == [
                "__name__": "m", "job": "j", "exported_job": "mine", "version": "pod", "exported_version": "x",
                "exported_exported_version": "1",
            ])
        let taken = try plain.labels(of: series(["__name__": "m", "version": "1", "exported_version": "2"]))
        #expect(taken?["exported_exported_version"] == "1")
        #expect(taken?["exported_exported_exported_version"] == "2")
    }

    @Test("exposed labels win where the job honours them, empty ones too")
    func honored() throws {
        let honoring = pipeline(["job": "j", "instance": "i", "zone": "z"]) { $0.honorsLabels = true }
        let got = try honoring.labels(of: series(["__name__": "m", "job": "mine"], empty: ["instance"]))
        #expect(got == ["__name__": "m", "job": "mine", "zone": "z"])
    }

    @Test("metric relabelling drops and rewrites")
    func relabelled() throws {
        let rules = [
            try RelabelRule(.drop, sourceLabels: ["__name__"], pattern: "go_.*"),
            try RelabelRule(.labeldrop, pattern: "secret"),
        ]
        let ruled = pipeline([:]) { $0.metricRelabelRules = rules }
        #expect(try ruled.labels(of: series(["__name__": "go_x"])) == nil)
        #expect(try ruled.labels(of: series(["__name__": "m", "secret": "s"])) == ["__name__": "m"])
        let nameless = pipeline([:]) {
            $0.metricRelabelRules = rules + ((try? [RelabelRule(.labeldrop, pattern: "__name__")]) ?? [])
        }
        #expect(throws: FetchFailure(.malformedBody, "missing metric name (__name__ label)")) {
            try nameless.labels(of: series(["__name__": "m"]))
        }
    }

    @Test(
        "limits on labels fail the scrape with their name",
        arguments: [
            ("label_limit", 2, 0, 0), ("label_name_length_limit", 0, 7, 0), ("label_value_length_limit", 0, 0, 3),
        ])
    func limits(name: String, labels: Int, nameBytes: Int, valueBytes: Int) throws {
        let limited = pipeline(["job": "j"]) {
            $0.limits.labels = labels
            $0.limits.labelNameBytes = nameBytes
            $0.limits.labelValueBytes = valueBytes
        }
        do throws(FetchFailure) {
            _ = try limited.labels(of: series(["__name__": "metric", "long_label": "value"]))
            Issue.record("within the limit")
        } catch {
            #expect(error.outcome == .limitExceeded)
            #expect(error.message.hasPrefix(name + " exceeded (metric: metric"))
        }
    }
}
