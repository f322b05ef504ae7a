package import Model
package import RemoteWrite
private import Synchronization

/// What remote writes leave out without refusing the request: series whose labels can't name a series, as Prometheus leaves
/// them out, and native histograms. It is counted for `/metrics`, and a line says so at most once a minute.
package final class RemoteWriteProblems: Sendable {
    private struct State {
        var invalidSeries = 0
        var histograms = 0
        /// Series and histograms since the last line.
        var untold = (series: 0, histograms: 0)
        var firstInvalid: String?
        var lastTold: Timestamp?
        var log: (@Sendable (String) -> Void)?
    }

    /// Least time between two lines.
    private static let interval: Milliseconds = 60_000
    private let state = Mutex(State())

    /// Nothing yet, and nobody who is told.
    package init() {}

    /// From now on `log` gets a line.
    package func tell(_ log: @escaping @Sendable (String) -> Void) { state.withLock { $0.log = log } }

    /// Counts what was left out of a request.
    package func note(_ request: WriteRequest, at now: Timestamp) {
        if request.invalidSeries == 0, request.skippedHistograms == 0 { return }
        let due = state.withLock { state -> (log: @Sendable (String) -> Void, line: String)? in
            state.invalidSeries += request.invalidSeries
            state.histograms += request.skippedHistograms
            state.untold.series += request.invalidSeries
            state.untold.histograms += request.skippedHistograms
            state.firstInvalid = state.firstInvalid ?? request.firstInvalid
            guard let log = state.log else { return nil }
            // A clock that was set back begins anew.
            if let last = state.lastTold, now >= last, now - last < Self.interval { return nil }
            let line = Self.line(state)
            state.lastTold = now
            state.untold = (0, 0)
            state.firstInvalid = nil
            return (log, line)
        }
        if let due { due.log(due.line) }
    }

    private static func line(_ state: State) -> String {
        var parts: [String] = []
        if state.untold.series > 0 {
            parts.append("\(state.untold.series) series with invalid labels, first: \(state.firstInvalid ?? "")")
        }
        if state.untold.histograms > 0 {
            parts.append("\(state.untold.histograms) native histogram samples, which are not taken yet")
        }
        return "remote write: left out " + parts.joined(separator: "; ")
    }

    /// The families in print order.
    func families() -> [ServerMetrics.Family] {
        let (series, histograms) = state.withLock { ($0.invalidSeries, $0.histograms) }
        return [
            ServerMetrics.Family(
                name: "haldane_remote_write_invalid_series_total", type: "counter",
                help: "Series left out of remote writes because of their labels.", samples: [([], Double(series))]),
            ServerMetrics.Family(
                name: "haldane_remote_write_skipped_histograms_total", type: "counter",
                help: "Native histogram samples left out of remote writes.", samples: [([], Double(histograms))]),
        ]
    }
}
