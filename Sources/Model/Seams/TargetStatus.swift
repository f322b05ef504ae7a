/// What is known of one scrape target, for `/api/v1/targets` and for verdicts.
package struct TargetStatus: Sendable {
    /// Whether the last scrape worked.
    package enum Health: String, Sendable {
        /// The last scrape worked.
        case up
        /// It did not.
        case down
        /// There was none yet.
        case unknown
    }

    /// A line of a body that was skipped.
    package struct SkippedLine: Sendable {
        /// From 1.
        package var number: Int
        /// Why.
        package var reason: String

        /// A skipped line.
        package init(number: Int, reason: String) {
            self.number = number
            self.reason = reason
        }
    }

    /// The job.
    package var job: String
    /// What is fetched.
    package var url: String
    /// Labels before relabelling.
    package var discoveredLabels: Labels
    /// Labels every series of the target carries.
    package var labels: Labels
    /// State after the last scrape.
    package var health: Health
    /// Outcome of the last scrape, `nil` before the first.
    package var outcome: ScrapeOutcome?
    /// Why the last scrape failed. When it worked: which lines of the body could not be read, or empty.
    package var lastError: String
    /// When it began.
    package var lastScrape: Timestamp?
    /// How long it took, in seconds.
    package var lastDurationSeconds: Double
    /// Samples in the last good body.
    package var samples: Int
    /// Lines of the last body that were skipped, all counted.
    package var skippedLineCount: Int
    /// The first few of them.
    package var skippedLines: [SkippedLine]
    /// Time between scrapes.
    package var interval: Milliseconds
    /// Time allowed for one.
    package var timeout: Milliseconds

    /// A target that was not scraped yet.
    package init(
        job: String, url: String, discoveredLabels: Labels, labels: Labels, interval: Milliseconds,
        timeout: Milliseconds
    ) {
        self.job = job
        self.url = url
        self.discoveredLabels = discoveredLabels
        self.labels = labels
        health = .unknown
        outcome = nil
        lastError = ""
        lastScrape = nil
        lastDurationSeconds = 0
        samples = 0
        skippedLineCount = 0
        skippedLines = []
        self.interval = interval
        self.timeout = timeout
    }
}

/// Metadata of a metric family, from the TYPE, HELP and UNIT lines of current targets.
package struct MetricMetadata: Sendable, Hashable {
    /// `counter`, `gauge`, `histogram`, `summary`, `unknown`, ...
    package var type: String
    /// Help text.
    package var help: String
    /// Unit, or empty.
    package var unit: String

    /// Metadata.
    package init(type: String, help: String, unit: String) {
        self.type = type
        self.help = help
        self.unit = unit
    }
}

/// Who knows the targets. Implementers: the scraper, and fixed lists in tests and in servers without scraping.
package protocol TargetStatusSource: Sendable {
    /// Every active target, ordered by job and URL.
    func targets() -> [TargetStatus]

    /// Metadata by metric family name.
    func metadata() -> [ExactText: [MetricMetadata]]

    /// The targets that relabelling dropped.
    func droppedTargets() -> DroppedTargets

    /// What was counted so far.
    func counts() -> ScrapeCounts
}

extension TargetStatusSource {
    /// None: a fixed list has no relabelling.
    package func droppedTargets() -> DroppedTargets { DroppedTargets() }

    /// Zero: a fixed list is not scraped.
    package func counts() -> ScrapeCounts { ScrapeCounts() }
}

/// Who can scrape out of turn, so that a check sees the newest data.
package protocol ScrapeTrigger: Sendable {
    /// Scrapes every target whose labels pass all matchers now, and returns when the rows are stored.
    func scrapeNow(matching matchers: [Matcher]) async
}
