import Analyzer
import Controller
import FlaggerAPI
import Model
import PromQL
import Rollout
import Scrape
import Server
import TSDB

/// Answers what a tick asks of the metrics: scrapes once more, evaluates the checks over the store, prints them.
struct DemoChecks: CheckRunner {
    let database: Database
    let scraper: ScrapeManager
    let printer: DemoPrinter
    private let engine = Engine()

    init(database: Database, scraper: ScrapeManager, printer: DemoPrinter) {
        self.database = database
        self.scraper = scraper
        self.printer = printer
    }

    func checkProviders(_ canary: Canary) async -> ProviderCheck { .available }

    /// Scrapes, evaluates, prints; the first check that does not pass halts the advancement, as with Flagger.
    func check(_ canary: Canary, at time: Timestamp) async -> CheckOutcome {
        await scraper.scrapeNow(matching: [])
        let runner = EmbeddedQueryRunner(EngineEvaluator(engine), on: database)
        let facts = AnalysisFacts(scraper.targets(), canary: canary)
        let verdict = await runner.evaluate(
            Analysis.plan(canary, templates: [], options: PlanOptions(steps: .trailing)), at: time, facts: facts)
        for result in verdict.checks { printer.check(result, history: history(of: result.check, until: time)) }
        return CheckOutcome(haltText: HaltText.text(for: verdict, of: canary))
    }

    /// The value of a check over the last two minutes, every five seconds.
    private func history(of check: Check, until time: Timestamp) -> [Double?] {
        let step: Milliseconds = 5000
        let start = time - 23 * step
        guard let query = try? engine.prepare(check.query),
            let result = try? engine.range(query, from: start, through: time, step: step, on: database),
            case .matrix(let series) = result.value, let one = series.first
        else { return [] }
        var out = [Double?](repeating: nil, count: 24)
        for (sampleTime, value) in zip(one.times, one.values) { out[Int((sampleTime - start) / step)] = value }
        return out
    }

    /// Requests per second that a workload answered over the last ten seconds.
    func requestRate(of workload: String, at time: Timestamp) -> Double {
        let text =
            "sum(rate(response_total{direction=\"inbound\", deployment=\"\(workload)\", route_name!=\"probe\", target_port!=\"4191\"}[10s]))"
        guard let query = try? engine.prepare(text), let result = try? engine.instant(query, at: time, on: database),
            case .vector(let elements) = result.value, case .float(let rate)? = elements.first?.value, !rate.isNaN
        else { return 0 }
        return rate
    }
}

/// Answers the webhooks of the demo's Canary: there is no load tester, and every hook agrees.
struct DemoHooks: WebhookClient {
    func call(_ hook: CanaryWebhook, _ payload: HookPayload) async -> HookAnswer { .passed }
}
