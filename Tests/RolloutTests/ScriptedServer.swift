import FlaggerAPI
import Foundation
import Rollout

/// The scripted metrics server and webhook receiver of a recording.
struct ScriptedServer {
    private var rules: [JSON]
    private var hooks: [String: [JSON]] = [:]
    private let templates: [String: String]
    /// Linkerd's own histogram is in milliseconds, the generic one in seconds.
    private let inMilliseconds: Bool

    init(_ trace: GoldenTrace) {
        let provider = trace.manifests(of: "Canary").first?.object("spec").string("provider")
        inMilliseconds = trace.meshProvider == "linkerd" || provider == "linkerd"
        rules = trace.initial.list("metrics")
        templates = Dictionary(
            trace.manifests(of: "MetricTemplate").map {
                ($0.object("metadata").string("name") ?? "", $0.object("spec").string("query") ?? "")
            }, uniquingKeysWith: { first, _ in first })
        for (name, answer) in trace.initial.object("hooks") { setHook(name, answer) }
    }

    mutating func setRules(_ rules: [JSON]) { self.rules = rules }

    mutating func setHook(_ name: String, _ answer: Any?) {
        hooks[name] = answer as? [JSON] ?? (answer as? JSON).map { [$0] } ?? []
    }

    /// One request to a hook: status and body. A list is used up, its last entry stays.
    private mutating func request(_ name: String) -> JSON {
        guard let answers = hooks[name], let first = answers.first else { return ["status": 200, "body": "ok"] }
        if answers.count > 1 { hooks[name] = Array(answers.dropFirst()) }
        return first
    }

    /// Calls a hook with its retries; the number of requests and the answer.
    mutating func call(_ hook: CanaryWebhook) -> (requests: Int, answer: HookAnswer) {
        let name = hook.url.split(separator: "/").last.map(String.init) ?? ""
        let tries = 1 + hook.retries
        for attempt in 1...tries {
            let answer = request(name)
            let status = answer.int("status") ?? 200
            let body = answer.string("body") ?? ""
            if let pause = answer.int("sleep"), pause * 1_000 > hook.timeout {
                let failure =
                    "POST \(hook.url) giving up after \(tries) attempt(s): Post \"\(hook.url)\": context deadline "
                    + "exceeded (Client.Timeout exceeded while awaiting headers)"
                return (attempt, .failed(failure))
            }
            if (200...202).contains(status) { return (attempt, .passed) }
            let retried = status == 429 || (status >= 500 && status != 501)
            if !retried { return (attempt, .failed(body)) }
        }
        return (tries, .failed("POST \(hook.url) giving up after \(tries) attempt(s)"))
    }

    /// The probe `vector(1)`.
    func checkProviders() -> ProviderCheck {
        if case .failure(let text) = answer("vector(1)") { return .unavailable("prometheus not avaiable: \(text)") }
        return .available
    }

    private enum Answer {
        case value(Double)
        case empty
        case failure(String)
    }

    /// Answers as the recorder did; of several values the last one counts.
    private func answer(_ query: String) -> Answer {
        for rule in rules where query.range(of: rule.string("match") ?? "", options: .regularExpression) != nil {
            let answer = rule.object("answer")
            guard let vector = answer["vector"] as? [String] else {
                let status = answer.int("status") ?? 0
                let phrase = [500: "Internal Server Error", 503: "Service Unavailable"][status] ?? ""
                return .failure(
                    "running query failed: error response: Status \(status) \(phrase): \(answer.string("body") ?? "")")
            }
            return vector.last.flatMap(Double.init).map { .value($0) } ?? .empty
        }
        if query.contains("histogram_quantile") { return .value(0.1) }
        return .value(query.contains("vector(1)") ? 1 : 99.9)
    }

    /// Runs the checks of `canary` in Flagger's order: builtins and inline queries, then templates.
    func check(_ canary: Canary) -> CheckOutcome {
        let name = canary.reference.description
        let metrics = canary.analysis?.metrics ?? []
        for metric in metrics {
            if metric.name == "request-success-rate", let halt = successRate(metric) {
                return .failed("Halt \(name) advancement success rate \(halt)")
            }
            if metric.name == "request-duration", let halt = duration(metric) {
                return .failed("Halt \(name) advancement request duration \(halt)")
            }
            if let query = metric.query, let halt = custom(metric, query) { return .failed(inline(halt, name, metric)) }
        }
        for metric in metrics {
            guard let template = metric.template, let query = templates[template.name],
                let halt = custom(metric, query)
            else { continue }
            let nothing = "Halt advancement no values found for custom metric: \(metric.name): no values found"
            return .failed(halt.isEmpty ? nothing : "Halt \(name) advancement \(metric.name) \(halt)")
        }
        return .passed
    }

    private func inline(_ halt: String, _ name: String, _ metric: CanaryMetric) -> String {
        halt.isEmpty
            ? "Halt advancement no values found for metric: \(metric.name)"
            : "Halt \(name) advancement \(metric.name) \(halt)"
    }

    private func successRate(_ metric: CanaryMetric) -> String? {
        guard case .value(let value) = answer("sum(good) / sum(all) * 100") else { return nil }
        let text = String(format: "%.2f%%", value)
        if let range = metric.range {
            if let min = range.min, value < min { return "\(text) < \(plain(min))%" }
            if let max = range.max, value > max { return "\(text) > \(plain(max))%" }
            return nil
        }
        return value < metric.threshold ?? 0 ? "\(text) < \(plain(metric.threshold ?? 0))%" : nil
    }

    private func duration(_ metric: CanaryMetric) -> String? {
        guard case .value(let value) = answer("histogram_quantile(0.99, latency)") else { return nil }
        let milliseconds = inMilliseconds ? Int(value) : Int(value * 1_000)
        if let range = metric.range {
            if let min = range.min, milliseconds < Int(min) { return "\(go(milliseconds)) < \(go(Int(min)))" }
            if let max = range.max, milliseconds > Int(max) { return "\(go(milliseconds)) > \(go(Int(max)))" }
            return nil
        }
        let limit = Int(metric.threshold ?? 0)
        return milliseconds > limit ? "\(go(milliseconds)) > \(go(limit))" : nil
    }

    /// The empty text stands for "no values found".
    private func custom(_ metric: CanaryMetric, _ query: String) -> String? {
        guard case .value(let value) = answer(query) else { return "" }
        let text = String(format: "%.2f", value)
        if let range = metric.range {
            if let min = range.min, value < min { return "\(text) < \(plain(min))" }
            if let max = range.max, value > max { return "\(text) > \(plain(max))" }
            return nil
        }
        return value > metric.threshold ?? 0 ? "\(text) > \(plain(metric.threshold ?? 0))" : nil
    }

    private func plain(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }

    private func go(_ milliseconds: Int) -> String {
        if milliseconds < 1_000 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
        let seconds = plain(Double(milliseconds % 60_000) / 1_000) + "s"
        return milliseconds < 60_000 ? seconds : "\(milliseconds / 60_000)m" + seconds
    }
}
