import Model

/// Why a sample is refused.
enum SampleRefusal {
    case tooOld, tooFarAhead, duplicate, limited
}

extension GroupContext {
    /// Whether a sample's time lies outside of the accepted range; `nil` when it is accepted.
    func refusal(of time: Timestamp, at now: Timestamp) -> SampleRefusal? {
        if time < .earliest { return .tooOld }
        if time > .latest { return .tooFarAhead }
        if let tolerance = options.futureTolerance, time > now.plusClamped(tolerance) { return .tooFarAhead }
        if let window = options.outOfOrderWindow, time < now.minusClamped(window) { return .tooOld }
        return nil
    }

    /// Counts a refused sample.
    func count(_ refusal: SampleRefusal, _ labels: Labels, _ time: Timestamp, _ report: inout AppendReport) {
        let reason: String
        switch refusal {
        case .tooOld:
            report.tooOld += 1
            counters.add(\.tooOld)
            reason = "is older than the \(PrometheusDuration.text(options.outOfOrderWindow ?? 0)) that are taken"
        case .tooFarAhead:
            report.tooFarAhead += 1
            counters.add(\.tooFarAhead)
            reason = "is more than \(PrometheusDuration.text(options.futureTolerance ?? 0)) in the future"
        case .duplicate:
            report.duplicate += 1
            counters.add(\.duplicates)
            reason = "has another value than the sample stored for that time"
        case .limited:
            report.limited += 1
            reason = "exceeds a limit"
        }
        if report.firstError == nil { report.firstError = "sample of \(labels) at \(RFC3339.text(time)) \(reason)" }
    }
}
