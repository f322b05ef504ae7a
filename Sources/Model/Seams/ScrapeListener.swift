/// Who is called for each scrape when its row is stored: the registered analyses.
package protocol ScrapeListener: Sendable {
    /// A scrape of the target with these labels is stored, whether it worked or not; `time` is its row's. Called on the
    /// scraping task, so it must be quick.
    func scraped(_ target: Labels, at time: Timestamp)
}
