import Analyzer
import Documents
import FlaggerAPI
import Model
import Outbound

/// One server that answers PromQL over HTTP, with the headers and credentials of a MetricTemplate's provider.
struct RemoteEngine {
    /// What an instant query gave.
    struct Reply {
        /// The values of the elements, in order; NaN included.
        var values: [Double]
        var warnings: [String]
    }

    /// As long as Flagger waits.
    package static let timeout: Duration = .seconds(5)
    /// Largest answer that is read: a check wants one number.
    package static let answerBytesMax = 16 << 20
    /// How much of a server's complaint is repeated.
    private static let complaintMax = 300

    /// What is asked, without the query.
    package let url: String
    private let headers: [(name: String, value: String)]
    private let credentials: Credentials?
    private let client: OutboundClient

    /// The server at `address`. Query and fragment of the address are dropped, its path is kept; user and password
    /// become Basic credentials. Without `secrets` no credentials may be sent, and a template that has some is not asked.
    package init(
        address: String, provider: MetricProvider, namespace: String, secrets: (any SecretSource)?
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
        var headers: [(name: String, value: String)] = []
        for (name, values) in provider.headers.sorted(by: { $0.key < $1.key }) {
            for value in values { headers.append((name, value)) }
        }
        self.headers = headers
        var credentials = given.map { Credentials.basic(user: $0.user, password: $0.password) }
        if let secrets, let secret = provider.secretName {
            do {
                credentials = try Self.credentials(secrets.values(namespace: namespace, name: secret), secret)
            } catch {
                throw .unreachable(error.description)
            }
        }
        self.credentials = credentials
        client = provider.skipsCertificateCheck ? .withoutCertificateCheck : .shared
    }

    private static func credentials(
        _ values: [String: String], _ secret: String
    ) throws(SecretProblem) -> Credentials {
        if let token = values["token"], !token.isEmpty { return .bearer(token) }
        guard let name = values["username"], let password = values["password"] else {
            throw SecretProblem("Secret \"\(secret)\" has neither token nor username and password")
        }
        return .basic(user: name, password: password)
    }

    /// Asks an instant query.
    package func ask(_ query: String, at time: Timestamp) async throws(CheckError) -> Reply {
        let seconds = "\(time / 1000).\(String(1000 + abs(time % 1000)).dropFirst())"
        let request = OutboundRequest(
            "GET", "\(url)?query=\(PrometheusClient.encoded(query))&time=\(seconds)", headers: headers,
            credentials: credentials, timeout: Self.timeout, answerBytesMax: Self.answerBytesMax,
            followsRedirects: false)
        let response: OutboundResponse
        do { response = try await client.send(request) } catch {
            throw .unreachable("cannot ask \(url): \(error)")
        }
        let document = try? JSONReader.parse(response.body)
        guard response.status == 200 else { throw .query(complaint(response.status, document)) }
        guard let document else { throw .query("\(url) answered with something that is not JSON") }
        return try reply(document)
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
