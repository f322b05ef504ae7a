import Model

/// Finds out whether a selector without samples in a window has some before or after it, or never had any.
struct MissingSamples {
    let store: any Queryable
    let lookback: Milliseconds
    /// Whether a reason may name samples after the window and the time range of the store. `false` for verdicts that must
    /// be the same whenever they are evaluated.
    let seesLater: Bool

    /// The reason for a selector without any sample in its window, given the reason that follows from the window alone.
    func reason(_ selector: QuerySelector, else reason: InconclusiveReason) throws(StorageError) -> InconclusiveReason {
        let window = selector.window
        let around = try surroundings(selector.matchers, window)
        if !around.hasEnded, let before = around.before {
            let isBetween =
                around.after != nil || around.spacing.map { window.end.minusClamped(before) / 2 <= $0 } == true
            if isBetween {
                return .noSampleInWindow(
                    selector: selector.text, window: window, before: before, after: around.after,
                    isBetweenScrapes: selector.isRange)
            }
        }
        if let range = store.timeRange {
            if seesLater, window.end < range.lowerBound || window.start >= range.upperBound {
                return .noData(first: range.lowerBound, last: range.upperBound)
            }
            if window.end < range.lowerBound { return .noData(first: nil, last: nil) }
        }
        if !around.hasEnded, let before = around.before {
            return .noSampleInWindow(
                selector: selector.text, window: window, before: before, after: around.after, isBetweenScrapes: false)
        }
        guard case .noSuchWorkload(let matchers, _) = reason else { return reason }
        let workload = selector.matchers.filter {
            NoDataDiagnosis.workloadLabels.contains($0.name) && !$0.matchesEmpty
        }
        return .noSuchWorkload(matchers: matchers, lastSeen: try surroundings(workload, window).before)
    }

    private func surroundings(
        _ matchers: [Matcher], _ window: TimeWindow
    ) throws(StorageError) -> WindowSurroundings {
        try WindowSurroundings(matchers, around: window, in: store, lookback: lookback, seesLater: seesLater)
    }
}
