/// The judgement of a value by the number of requests behind it and by its threshold. Nothing but numbers, so that it
/// costs nothing at each scrape; the sentences are made from it when they are asked for.
enum ValueJudgement {
    /// It is not a number.
    case noTraffic
    /// It rests on fewer requests than were asked for.
    case tooFewRequests(counted: Double, wanted: Double)
    /// It was compared with the threshold.
    case compared(Threshold.Outcome)

    /// Judges a value. `requests` is `nil` where they can't be counted; `requestsMin` of 0 asks for none.
    init(_ value: Double, requests: Double?, requestsMin: Double, _ threshold: Threshold) {
        if value.isNaN {
            self = .noTraffic
        } else if requestsMin > 0, let requests, requests < requestsMin {
            self = .tooFewRequests(counted: requests, wanted: requestsMin)
        } else {
            self = .compared(threshold.judge(value))
        }
    }

    /// The verdict word.
    var outcome: Verdict.Outcome {
        switch self {
        case .noTraffic, .tooFewRequests: .inconclusive
        case .compared(.within): .pass
        case .compared: .fail
        }
    }
}
