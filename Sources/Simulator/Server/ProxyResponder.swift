import FoundationEssentials
package import Model

/// Answers the requests of ``ProxyServer``; knows no sockets.
package struct ProxyResponder: Sendable {
    /// An answer.
    package struct Response: Sendable, Hashable {
        /// HTTP status.
        package var status: Int
        /// `Content-Type`
        package var contentType: String
        /// The body.
        package var body: [UInt8]

        static func problem(_ status: Int, _ text: String) -> Response {
            json(ProblemAnswer(error: text), status: status)
        }

        static func json(_ value: some Encodable, status: Int = 200) -> Response {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            let body = (try? encoder.encode(value)).map { [UInt8]($0) } ?? Array("{}".utf8)
            return Response(status: status, contentType: "application/json", body: body + [0x0A])
        }
    }

    private let fleet: ProxyFleet
    private let clock: any WallClock

    /// A responder for `fleet`, whose virtual time follows `clock`.
    package init(fleet: ProxyFleet, clock: any WallClock) {
        self.fleet = fleet
        self.clock = clock
    }

    /// Answers one request. `host` is what the client called the server.
    package func respond(method: String, uri: String, host: String = "", body: [UInt8]) -> Response {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? "/"
        let query = parts.count > 1 ? String(parts[1]) : ""
        switch (method, path) {
        case ("POST", "/fault"): return setFault(body)
        case (_, "/fault"): return .problem(405, "\(method) /fault: wanted POST")
        case ("GET", "/ledger"), ("HEAD", "/ledger"): return ledger(detailed: query.contains("seconds=1"))
        case ("GET", "/targets"), ("HEAD", "/targets"): return targets(host)
        case ("GET", "/metrics"), ("HEAD", "/metrics"): return metrics(of: fleet.pods.first?.name ?? "")
        case ("GET", _), ("HEAD", _): return metrics(path: path)
        default: return .problem(405, "\(method) \(path): wanted GET")
        }
    }

    private func metrics(path: String) -> Response {
        let parts = path.split(separator: "/")
        guard parts.count == 3, parts[0] == "proxies", parts[2] == "metrics" else {
            return .problem(404, "\(path): wanted /proxies/POD/metrics, /targets, /ledger or /fault")
        }
        return metrics(of: String(parts[1]))
    }

    private func metrics(of pod: String) -> Response {
        if let status = fleet.refusal(of: pod) { return Response(status: status, contentType: "text/plain", body: []) }
        guard let body = fleet.scrape(pod, at: clock.now()) else {
            return .problem(404, "pod \(pod) does not exist; GET /targets lists those that do")
        }
        return Response(status: 200, contentType: "text/plain", body: body)
    }

    private func setFault(_ body: [UInt8]) -> Response {
        do {
            let request = try JSONDecoder().decode(FaultRequest.self, from: Data(body))
            let fault = try request.fault()
            let known = fleet.change { $0.workloads }
            guard known.contains(fault.workload) else {
                return .problem(
                    404, "workload \(fault.workload) does not exist; there are \(known.joined(separator: ", "))")
            }
            fleet.apply(fault, at: clock.now())
            return .json(request)
        } catch let error as MalformedInput {
            return .problem(400, error.description)
        } catch {
            return .problem(
                400, "wanted JSON such as {\"workload\": \"podinfo\", \"error\": \"10%\", \"p99\": \"900ms\"}")
        }
    }

    private func ledger(detailed: Bool) -> Response {
        fleet.advance(to: clock.now())
        let ledger = fleet.ledger
        var answer = LedgerAnswer(workloads: ledger.totals.mapValues { LedgerAnswer.Entry($0) }, seconds: nil)
        if detailed {
            var seconds: [String: [String: LedgerAnswer.Entry]] = [:]
            for (second, entries) in ledger.seconds {
                seconds["\(second)"] = entries.mapValues { LedgerAnswer.Entry($0) }
            }
            answer.seconds = seconds
        }
        return .json(answer)
    }

    private func targets(_ host: String) -> Response {
        .json(
            fleet.pods.map { pod in
                var labels = Dictionary(
                    pod.targetLabels.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
                labels["__metrics_path__"] = ProxyServer.metricsPath(of: pod.name)
                labels["instance"] = "\(pod.ip):4191"
                labels["job"] = "linkerd-proxy"
                return TargetAnswer(targets: [host], labels: labels)
            })
    }
}

private struct ProblemAnswer: Encodable {
    let error: String
}

private struct TargetAnswer: Encodable {
    let targets: [String]
    let labels: [String: String]
}

private struct LedgerAnswer: Encodable {
    struct Entry: Encodable {
        let requests: Int
        let responses: [String: Int]
        let unanswered: Int
        let successRate: Double?
        let p99Milliseconds: Int?

        init(_ entry: Ledger.Entry) {
            requests = entry.requests
            responses = Dictionary(
                entry.responses.map { ("\($0.key)", $0.value) }, uniquingKeysWith: { first, _ in first })
            unanswered = entry.unanswered
            successRate = entry.successRate
            p99Milliseconds = entry.latency(quantile: 0.99)
        }
    }

    let workloads: [String: Entry]
    var seconds: [String: [String: Entry]]?
}

/// The body of `POST /fault`.
private struct FaultRequest: Codable {
    let workload: String
    var error: Quantity?
    var p99: Quantity?
    var scrape: Int?

    func fault() throws(MalformedInput) -> Fault {
        if let scrape, !(200...599).contains(scrape) {
            throw MalformedInput("scrape=\(scrape): wanted an HTTP status from 200 to 599")
        }
        return Fault(
            workload: workload, errorRate: try error?.share(of: "error"), p99: try p99?.milliseconds(of: "p99"),
            scrapeStatus: scrape)
    }
}

/// A number, or a text with a unit.
private enum Quantity: Codable {
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }

    func share(of name: String) throws(MalformedInput) -> Double {
        try QuantityText.share(Substring(text), of: name)
    }

    func milliseconds(of name: String) throws(MalformedInput) -> Double {
        try QuantityText.milliseconds(Substring(text), of: name)
    }

    private var text: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        }
    }
}
