import Model

/// Every sentence that explains a verdict, in one place, so that the server, the CLI and the page say the same.
package enum ReasonText {
    private static let targetsShown = 3

    /// How a check ended in a few stable words, for people and programs.
    package static func code(_ conclusion: CheckConclusion) -> String {
        switch conclusion {
        case .pass: "within range"
        case .fail(_, .below): "below minimum"
        case .fail(_, .above): "above maximum"
        case .fail(_, .within): "within range"
        case .inconclusive(let reason): reason.code
        case .error(let error): error.code
        }
    }

    /// The words for a verdict that rests on no check.
    package static func codeWithoutChecks(_ outcome: Verdict.Outcome) -> String {
        outcome == .pass ? "analysis skipped" : "nothing to judge"
    }

    /// The sentence for a verdict that rests on no check.
    package static func sentenceWithoutChecks(_ outcome: Verdict.Outcome) -> String {
        if outcome == .pass { return "The Canary has no metrics, and skipAnalysis asks for none." }
        return "There is nothing to judge: the Canary has no metrics (spec.analysis.metrics)."
    }

    /// What happened, with the notes behind it, on one line; what to apply to cure it follows after an empty line.
    package static func detail(_ result: CheckResult) -> String {
        let sentence = sentence(result)
        let line = result.notes.isEmpty ? sentence : ([sentence] + result.notes).joined(separator: " ")
        guard case .inconclusive(.targetsDown(let targets)) = result.conclusion,
            let forbidden = targets.first(where: { $0.outcome == .httpStatus(403) })
        else { return line }
        return line + "\n\n" + ScrapePermission.objects(in: forbidden.namespace)
    }

    /// What happened, in a sentence.
    package static func sentence(_ result: CheckResult) -> String {
        if let plan = result.check.sequential, let outcome = result.sequential {
            return SequentialText.sentence(outcome, plan)
        }
        switch result.conclusion {
        case .pass(let value):
            return "\(HaltText.valueText(result.check, value)) is within the accepted range."
        case .fail(let value, let outcome):
            return (HaltText.comparison(result.check, value, outcome) ?? "\(value)") + "."
        case .inconclusive(let reason): return sentence(reason)
        case .error(let error): return error.message + "."
        }
    }

    /// Why there is nothing to judge.
    package static func sentence(_ reason: InconclusiveReason) -> String {
        switch reason {
        case .noSuchWorkload(let matchers, let lastSeen?):
            return "No such workload at that time: \(matchers) was last seen at \(RFC3339.text(lastSeen))."
        case .noSuchWorkload(let matchers, nil):
            return "No such workload: nothing with \(matchers) is known, neither targets nor series. "
                + "Check the names, and that its pods run and are meshed."
        case .targetsDown(let targets): return down(targets)
        case .noMatchingSeries(let selector, let culprits):
            if culprits.isEmpty { return "No series match \(selector)." }
            let list = culprits.joined(separator: " or ")
            return "No series match \(selector); without \(list) there would be some."
        case .fewerThanTwoSamples(let selector, let most, let window):
            let count = most == 0 ? "no sample" : "one sample"
            return "The series of \(selector) have \(count) in the window of \(PrometheusDuration.text(window)), and "
                + "a rate needs two: wait for the next scrape, or use a window of at least two scrape intervals."
        case .noSampleInWindow(let selector, let window, let before, let after, let isBetween):
            return between(selector, window, before, after, isBetween)
        case .noData(let first?, let last?):
            return "No data at that time: the store has samples from \(RFC3339.text(first)) to \(RFC3339.text(last))."
        case .noData: return "No data at that time: the store has only later samples."
        case .notANumber(let part?, let operands):
            let sum = operands.map { ", which is \($0)" } ?? ""
            return "The value is not a number (NaN), made so by \(part)\(sum), and not by a lack of traffic."
        case .notANumber(nil, _): return "The value is not a number (NaN)."
        case .noTraffic: return "No traffic: nothing was counted in the window, so the query's value is not a number."
        case .onlyProbes(let selector):
            return "No traffic: only health probes and requests to the proxy's admin port reached the workload, and "
                + "\(selector) leaves them out."
        case .tooFewRequests(let counted, let wanted):
            return "Only \(FloatText.fixed(counted, places: 0)) requests in the window; "
                + "\(FloatText.shortest(wanted)) were asked for."
        case .nothingLeft:
            return "There are series with samples, but the query's own filters or matching leave none."
        case .noValue: return "The query has no value."
        }
    }

    /// Why a window holds no sample.
    private static func between(
        _ selector: String, _ window: TimeWindow, _ before: Timestamp, _ after: Timestamp?, _ isBetween: Bool
    ) -> String {
        let length = PrometheusDuration.text(window.end.minusClamped(window.start))
        let since = PrometheusDuration.text(window.end.minusClamped(before))
        var text =
            "The window of \(length) that ends at \(RFC3339.text(window.end)) holds no sample of \(selector): the last one "
            + "before it is of \(RFC3339.text(before)), \(since) before its end"
        if let after {
            let until = PrometheusDuration.text(after.minusClamped(window.end))
            text += ", and the next one after it of \(RFC3339.text(after)), \(until) after its end"
        }
        return text + (isBetween ? ". Use a window of at least two scrape intervals." : ".")
    }

    /// What is to be known of a value when some or all of its workload's targets can't be scraped.
    static func missingTargets(_ facts: AnalysisFacts) -> String? {
        if let down = facts.targetsDown { return self.down(down) + " The value is from before that." }
        return partlyDown(facts.targets ?? [])
    }

    private static func down(_ targets: [TargetFact]) -> String {
        let noun = targets.count == 1 ? "The target is" : "All \(targets.count) targets are"
        return "\(noun) down: \(list(targets))."
    }

    private static func partlyDown(_ targets: [TargetFact]) -> String? {
        let down = targets.filter { !$0.isUp && $0.wasScraped }
        guard !down.isEmpty, down.count < targets.count else { return nil }
        return "\(down.count) of \(targets.count) targets \(down.count == 1 ? "is" : "are") down: \(list(down))."
    }

    private static func list(_ targets: [TargetFact]) -> String {
        let shown = targets.prefix(targetsShown).map { "\($0.name) (\(status($0)))" }.joined(separator: ", ")
        return targets.count > targetsShown ? "\(shown) and \(targets.count - targetsShown) more" : shown
    }

    private static func status(_ target: TargetFact) -> String {
        if target.outcome == .httpStatus(403) { return name(.httpStatus(403)) }
        let words = target.outcome.flatMap { $0 == .ok ? nil : name($0) } ?? "down"
        return target.error.isEmpty ? words : "\(words): \(target.error)"
    }

    /// How a scrape ended, in a few words.
    static func name(_ outcome: ScrapeOutcome) -> String {
        switch outcome {
        case .ok: "ok"
        case .httpStatus(403): "HTTP 403: the proxy's inbound policy forbids scraping"
        case .httpStatus(let status): "HTTP \(status)"
        case .connectionFailed: "no connection"
        case .timedOut: "timed out"
        case .malformedBody: "malformed body"
        case .limitExceeded: "over a limit"
        case .tlsFailed: "TLS failed"
        case .rejected: "refused by the store"
        }
    }

    /// What else is worth knowing about a measurement.
    static func notes(_ check: Check, _ measurement: Measurement) -> [String] {
        var notes: [String] = []
        if measurement.elements > 1 {
            notes.append("The query gives \(measurement.elements) series; the last one counts, as with Flagger.")
        }
        if measurement.onlyHealthProbes {
            notes.append("Only health probes and requests to the proxy's admin port matched.")
        }
        if measurement.zeroStarts > 0 { notes.append("zeroStart: \(measurement.zeroStarts) series.") }
        if case .remote(let address, _, _, _) = check.destination {
            notes.append("Asked at \(WebAddress.shown(address)).")
        }
        if let address = check.replacedAddress { notes.append("Evaluated here instead of at \(address).") }
        if check.isAddressRefused {
            notes.append(
                "The Canary asks for that address, but its host is not one that --honour-template-address names.")
        }
        if check.requestsMin > 0, measurement.requests == nil {
            notes.append("The requests behind this query can't be counted, so no minimum was applied.")
        }
        return notes + measurement.warnings
    }
}
