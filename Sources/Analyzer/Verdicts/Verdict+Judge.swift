import FlaggerAPI
package import Model

extension Verdict {
    /// Judges what was measured. `measurements` belong to `checks` by position; a missing one is an error of its check
    /// unless the check had a problem anyway. Pure: the same arguments give the same verdict, whenever it is asked.
    /// A Canary without any check has nothing to judge, which is a pass only where it says `skipAnalysis`.
    package static func judge(
        _ checks: [Check], _ measurements: [Measurement?], facts: AnalysisFacts, at time: Timestamp,
        skipsAnalysis: Bool = false
    ) -> Verdict {
        var results: [CheckResult] = []
        results.reserveCapacity(checks.count)
        let all = checks.span
        for index in all.indices {
            results.append(judge(all[index], index < measurements.count ? measurements[index] : nil, facts: facts))
        }
        return Verdict(evaluatedAt: time, checks: results, skipsAnalysis: skipsAnalysis)
    }

    private static func judge(_ check: Check, _ measurement: Measurement?, facts: AnalysisFacts) -> CheckResult {
        if let problem = check.problem { return CheckResult(check: check, conclusion: .error(.spec(problem))) }
        guard let measurement else { return CheckResult(check: check, conclusion: .error(.notRun)) }
        var result = CheckResult(
            check: check, conclusion: conclusion(check, measurement, facts), series: measurement.series,
            samples: measurement.samples, notes: ReasonText.notes(check, measurement))
        result.sequential = measurement.sequential
        if case .value(let value) = measurement.answer, !value.isNaN {
            result.value = value
            if facts.concern(check), let note = ReasonText.missingTargets(facts) { result.notes.append(note) }
        }
        return result
    }

    private static func conclusion(
        _ check: Check, _ measurement: Measurement, _ facts: AnalysisFacts
    ) -> CheckConclusion {
        switch measurement.answer {
        case .failed(let error): return .error(error)
        case .empty(let reason): return .inconclusive(refined(reason, check, facts))
        case .value(let value):
            let judgement = ValueJudgement(
                value, requests: measurement.requests, requestsMin: check.requestsMin, check.threshold)
            switch judgement {
            case .noTraffic: return .inconclusive(refined(.noTraffic, check, facts))
            case .tooFewRequests(let counted, let wanted):
                return .inconclusive(.tooFewRequests(counted: counted, wanted: wanted))
            case .compared(let outcome):
                if let sequential = measurement.sequential { return conclusion(check, sequential, value) }
                return outcome == .within ? .pass(value) : .fail(value, outcome)
            }
        }
    }

    /// The limit of a sequential check is where both rates explain what was seen equally well: a faulty stretch always
    /// lies below it.
    private static func conclusion(
        _ check: Check, _ sequential: SequentialOutcome, _ value: Double
    ) -> CheckConclusion {
        switch sequential.decision {
        case .faulty: return .fail(value, .below(check.threshold.accepted.min ?? value))
        case .healthy: return .pass(value)
        case .undecided:
            let counted = sequential.total.requests
            return .inconclusive(.tooFewRequests(counted: counted, wanted: counted + sequential.successesMissing))
        }
    }

    /// Scrape targets know better than samples why there are none: a pod that can't be scraped has no series either.
    private static func refined(
        _ reason: InconclusiveReason, _ check: Check, _ facts: AnalysisFacts
    ) -> InconclusiveReason {
        guard let targets = facts.targets, facts.concern(check) else { return reason }
        switch reason {
        case .noSuchWorkload, .noMatchingSeries, .fewerThanTwoSamples, .noSampleInWindow, .noValue, .noTraffic,
            .notANumber, .onlyProbes:
            if let down = facts.targetsDown { return .targetsDown(down) }
            // The workload is scraped, so it exists; its series are merely not there (yet).
            if case .noSuchWorkload(let matchers, _) = reason, !targets.isEmpty {
                return .noMatchingSeries(selector: "{\(matchers)}", culprits: [])
            }
            return reason
        case .targetsDown, .tooFewRequests, .nothingLeft, .noData: return reason
        }
    }
}
