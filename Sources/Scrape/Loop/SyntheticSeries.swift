internal import Model

/// The synthetic series of a target, which describe its scrapes: `up` and others, as Prometheus stores them.
enum SyntheticSeries {
    private static let always = [
        "up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling",
        "scrape_series_added",
    ]
    /// Further ones with `extra_scrape_metrics`.
    private static let extra = ["scrape_timeout_seconds", "scrape_sample_limit", "scrape_body_size_bytes"]

    /// The metric names.
    static func names(of job: ScrapeJob) -> [String] { job.storesExtraMetrics ? always + extra : always }

    /// The values after a scrape, in the order of the names.
    static func values(of report: ScrapeReport, job: ScrapeJob, timeout: Milliseconds) -> [Double] {
        let isGood = report.outcome == .ok
        let values = [
            isGood ? 1 : 0, report.seconds, Double(report.samples), Double(report.samplesKept),
            isGood ? Double(report.seriesAdded) : 0,
        ]
        guard job.storesExtraMetrics else { return values }
        return values + [Double(timeout) / 1000, Double(job.limits.samples), Double(report.bodyBytes)]
    }
}
