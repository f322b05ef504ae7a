import Analyzer
import AsyncHTTPClient
import Documents
import Model
import NIOCore
import NIOHTTP1

/// One server that answers PromQL over HTTP, with the headers and credentials of a MetricTemplate's provider.
struct RemoteEngine {
    /// What an instant query gave.
    struct Reply {
        /// The values of the elements, in order; NaN included.
        var values: [Double]
        var warnings: [String]
    }

    /// As long as Flagger waits.
    static let timeout: TimeAmount = .seconds(5)
    /// Largest answer that is read: a check wants one number.
    static let answerBytesMax = 16 << 20
    /// How much of a server's complaint is repeated.
    private static let complaintMax = 300

    /// What is asked, without the query.
    let url: String
    private let headers: HTTPHeaders
    private let client: HTTPClient

    /// The server at `address`. Query and fragment of the address are dropped, its path is kept; user and password
    /// become Basic credentials. Without `secrets` no credentials may be sent, and a template that has some is not asked.
    init(
        address: String, provider: MetricProvider, namespace: String, secrets: SecretSource?
    ) throws(CheckError) {
        var base = WebAddress.withoutCredentials(String(address.prefix { $0 != "?" && $0 != "#" }))
        while base.hasSuffix("/") { base.removeLast() }
        guard base.hasPrefix("http://") || base.hasPrefix("https://") else {
            throw .unreachable(
                "spec.provider.address: wanted a URL such as http://prometheus:9090, found \"\(WebAddress.shown(address))\""
            )
        }
        // Objects that were stored before their decoder looked at the address come this way.
        if let problem = WebAddress.problem(in: base) {
            throw .unreachable("spec.provider.address: \(problem)")
        }
        url = base + "/api/v1/query"
        let given = WebAddress.credentials(in: address)
        if secrets == nil {
            let header = provider.headers.keys.sorted().first(where: MetricProvider.isSecret(header:))
            let found = provider.secretName.map { _ in "secretRef" } ?? given.map { _ in "address" } ?? header
            if let found {
                throw .unreachable(
                    "spec.provider has credentials (\(found)), and none are sent for objects that came in a request")
            }
        }
        var headers = HTTPHeaders()
        headers.add(name: "User-Agent", value: "haldane/\(Version.number)")
        for (name, values) in provider.headers.sorted(by: { $0.key < $1.key }) {
            for value in values { headers.add(name: name, value: value) }
        }
        if let given {
            let text = SecretSource.base64("\(given.user):\(given.password)")
            headers.replaceOrAdd(name: "Authorization", value: "Basic \(text)")
        }
        if let secrets, let secret = provider.secretName {
            let values = try secrets.values(of: ObjectReference(name: secret, namespace: namespace))
            headers.replaceOrAdd(name: "Authorization", value: try Self.authorization(values, secret))
        }
        self.headers = headers
        client = provider.skipsCertificateCheck ? RemoteHTTP.trustingClient : RemoteHTTP.checkClient
    }

    /// A token, or else name and password, as Flagger takes them.
    private static func authorization(_ values: [String: String], _ secret: String) throws(CheckError) -> String {
        if let token = values["token"], !token.isEmpty { return "Bearer \(token)" }
        guard let name = values["username"], let password = values["password"] else {
            throw .unreachable("Secret \"\(secret)\" has neither token nor username and password")
        }
        return "Basic \(SecretSource.base64("\(name):\(password)"))"
    }

    /// Asks an instant query.
    func ask(_ query: String, at time: Timestamp) async throws(CheckError) -> Reply {
        let seconds = "\(time / 1000).\(String(1000 + abs(time % 1000)).dropFirst())"
        var request = HTTPClientRequest(url: "\(url)?query=\(PrometheusClient.encoded(query))&time=\(seconds)")
        request.headers = headers
        let (status, body) = try await send(request)
        let document = try? JSONReader.parse(body)
        guard status == 200 else { throw .query(complaint(status, document)) }
        guard let document else { throw .query("\(url) answered with something that is not JSON") }
        return try reply(document)
    }

    /// Sends the request and reads the whole answer, both within the time allowed.
    private func send(_ request: HTTPClientRequest) async throws(CheckError) -> (Int, [UInt8]) {
        do {
            return try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
                group.addTask {
                    let response = try await client.execute(request, timeout: Self.timeout)
                    let buffer = try await response.body.collect(upTo: Self.answerBytesMax)
                    return (Int(response.status.code), Array(buffer.readableBytesView))
                }
                group.addTask {
                    try await Task.sleep(for: .nanoseconds(Self.timeout.nanoseconds))
                    throw HTTPClientError.deadlineExceeded
                }
                defer { group.cancelAll() }
                return try await group.next() ?? (0, [])
            }
        } catch {
            throw .unreachable("cannot ask \(url): \(Self.reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        if let error = error as? HTTPClientError {
            if error == .deadlineExceeded { return "no answer within \(timeout.nanoseconds / 1_000_000_000)s" }
            if error == .connectTimeout { return "no connection within \(timeout.nanoseconds / 1_000_000_000)s" }
        }
        if error is NIOTooManyBytesError { return "the answer is longer than \(answerBytesMax >> 20) MiB" }
        return PrometheusClient.reason(error)
    }

    /// The server's own words for a refusal, if it has any.
    private func complaint(_ status: Int, _ document: Node?) -> String {
        if (300..<400).contains(status) {
            return "\(url) answered HTTP \(status), a redirect, which is not followed: write the address it leads to"
        }
        var cure = ""
        if status == 401 || status == 403 { cure = "; give credentials by spec.provider.secretRef or headers" }
        guard let text = try? document?["error"]?.string() else { return "\(url) answered HTTP \(status)\(cure)" }
        return "\(url) answered HTTP \(status): \(text.prefix(Self.complaintMax))\(cure)"
    }

    /// Only vectors: Flagger can read nothing else.
    private func reply(_ document: Node) throws(CheckError) -> Reply {
        guard let type = try? document["data"]?["resultType"]?.string(), let result = document["data"]?["result"] else {
            throw .query("the answer of \(url) is not that of a query; is it a Prometheus-compatible server?")
        }
        switch type {
        case "vector": break
        case "scalar", "string": throw .notANumber("a \(type), which Flagger can't read; wrap it in vector(...)")
        default: throw .notANumber("a \(type), several values per series")
        }
        var values: [Double] = []
        for element in (try? result.elements()) ?? [] {
            guard let pair = try? element["value"]?.elements() else { throw .notANumber("a native histogram") }
            guard pair.count == 2, let text = try? pair[1].string(), let value = Self.number(text) else {
                throw .query("the answer of \(url) has a sample that is not [time, \"value\"]")
            }
            values.append(value)
        }
        let warnings = (try? document["warnings"]?.elements().map { try $0.string() }) ?? []
        return Reply(values: values, warnings: warnings)
    }

    private static func number(_ text: String) -> Double? {
        switch text {
        case "NaN": .nan
        case "+Inf", "Inf": .infinity
        case "-Inf": -.infinity
        default: Double(text)
        }
    }
}
