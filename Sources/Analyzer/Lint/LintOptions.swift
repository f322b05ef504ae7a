package import Model

/// What lint should know of the world.
package struct LintOptions: Sendable, Hashable {
    /// Time between scrapes, for the check of windows.
    package var scrapeInterval: Milliseconds
    /// Complain about templates that are not in the files; off where they may be in the cluster.
    package var wantsTemplates: Bool

    /// Options; Linkerd's own Prometheus scrapes every 10 s.
    package init(scrapeInterval: Milliseconds = 10_000, wantsTemplates: Bool = true) {
        self.scrapeInterval = scrapeInterval
        self.wantsTemplates = wantsTemplates
    }
}
