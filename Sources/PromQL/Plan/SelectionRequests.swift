import Model

/// The selections of a query, collected so that all are answered in one call and equal ones only once.
struct SelectionRequests: Sendable {
    /// What has been collected.
    private(set) var requests: [SelectRequest] = []

    /// Asks for a selection and returns its index. A selection of the same series whose window meets this one is
    /// shared and its window widened; windows that lie apart stay apart, so that `offset 1w` reads no week.
    mutating func add(_ matchers: [Matcher], _ window: TimeWindow, _ hints: SelectHints) -> Int {
        let shared = requests.firstIndex {
            $0.matchers == matchers && $0.hints.zeroStart == hints.zeroStart
                && $0.window.start <= window.end && window.start <= $0.window.end
        }
        guard let shared else {
            requests.append(SelectRequest(matchers, window, hints))
            return requests.count - 1
        }
        let old = requests[shared].window
        requests[shared].window = TimeWindow(
            after: min(old.start, window.start), through: max(old.end, window.end))
        if requests[shared].hints.function != hints.function { requests[shared].hints.function = nil }
        if requests[shared].hints.grouping != hints.grouping { requests[shared].hints.grouping = nil }
        return shared
    }
}
