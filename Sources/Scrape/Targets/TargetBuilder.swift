package import Model

/// Makes targets from discovered groups: default labels, relabelling, the checks of Prometheus. Pure.
package enum TargetBuilder {
    /// The outcome for one address.
    package enum Result: Sendable, Equatable {
        /// It is scraped.
        case target(Target)
        /// Relabelling dropped it; the labels before that.
        case dropped(Labels)
        /// It can't be scraped: the labels before relabelling, and the reason.
        case invalid(Labels, String)
    }

    /// Label of the address to connect to.
    package static let addressLabel = "__address__"
    private static let schemeLabel = "__scheme__"
    private static let pathLabel = "__metrics_path__"
    private static let intervalLabel = "__scrape_interval__"
    private static let timeoutLabel = "__scrape_timeout__"
    private static let parameterPrefix = "__param_"

    /// The targets of a job from groups that were found for it, in order.
    package static func build(_ groups: [TargetGroup], for job: ScrapeJob) -> [Result] {
        groups.flatMap { group in
            group.addresses.map { address in
                var labels = group.labels
                labels[addressLabel] = address
                return build(labels, for: job)
            }
        }
    }

    /// One target from its discovered labels.
    package static func build(_ found: Labels, for job: ScrapeJob) -> Result {
        var discovered = found
        let defaults = [
            (LabelName.job, job.name), (intervalLabel, PrometheusDuration.text(job.interval)),
            (timeoutLabel, PrometheusDuration.text(job.timeout)), (pathLabel, job.metricsPath),
            (schemeLabel, job.scheme.rawValue),
        ]
        for (name, value) in defaults where discovered[name].isEmpty { discovered[name] = value }
        for (name, values) in job.parameters {
            if let first = values.first { discovered[parameterPrefix + name] = first }
        }
        guard let relabelled = Relabeller.apply(job.relabelRules, to: discovered) else { return .dropped(discovered) }
        do throws(Flaw) {
            return .target(try target(relabelled, discovered, job))
        } catch {
            return .invalid(discovered, error.reason)
        }
    }

    private struct Flaw: Error { var reason: String }

    private static func target(_ labels: Labels, _ discovered: Labels, _ job: ScrapeJob) throws(Flaw) -> Target {
        let address = labels[addressLabel]
        if address.isEmpty { throw Flaw(reason: "no address") }
        if let reason = TargetURL.flaw(ofAddress: address) { throw Flaw(reason: reason) }
        guard let scheme = ScrapeJob.Scheme(rawValue: labels[schemeLabel]) else {
            throw Flaw(reason: "invalid scheme \(GoQuote.quoted(labels[schemeLabel]))")
        }
        let interval = try duration(labels[intervalLabel], "scrape interval")
        let timeout = try duration(labels[timeoutLabel], "scrape timeout")
        if timeout > interval {
            throw Flaw(
                reason: "scrape timeout cannot be greater than scrape interval (\(GoQuote.quoted(labels[timeoutLabel]))"
                    + " > \(GoQuote.quoted(labels[intervalLabel])))")
        }
        let url = TargetURL(
            scheme: scheme, address: address, pathAndQuery: path(labels[pathLabel]) + query(labels, job))
        if url.hostAndPort == nil { throw Flaw(reason: "\(GoQuote.quoted(address)) is not a valid address") }
        var own = Labels(labels.filter { !$0.name.utf8.starts(with: "__".utf8) })
        if own[LabelName.instance].isEmpty { own[LabelName.instance] = address }
        return Target(
            job: job.name, labels: own, discoveredLabels: discovered, url: url, interval: interval, timeout: timeout)
    }

    private static func duration(_ text: String, _ what: String) throws(Flaw) -> Milliseconds {
        guard let value = try? PrometheusDuration.parse(text) else {
            throw Flaw(reason: "error parsing \(what): not a valid duration string: \(GoQuote.quoted(text))")
        }
        if value == 0 { throw Flaw(reason: "\(what) cannot be 0") }
        return value
    }

    private static func path(_ path: String) -> String {
        var out: [UInt8] = path.utf8.first == 0x2f ? [] : [0x2f]
        for byte in path.utf8 {
            // Bytes that would end or split a request line; everything else goes out as written.
            let isUnsafe = byte <= 0x20 || byte >= 0x7f || byte == 0x3f || byte == 0x23
            out += isUnsafe ? Array(escaped(byte).utf8) : [byte]
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The query of `params` and `__param_` labels, sorted by name; the label replaces the first value.
    private static func query(_ labels: Labels, _ job: ScrapeJob) -> String {
        var parameters = job.parameters
        for label in labels where label.name.utf8.starts(with: parameterPrefix.utf8) {
            let name = String(label.name.dropFirst(parameterPrefix.count))
            parameters[name] = [label.value] + (parameters[name] ?? []).dropFirst()
        }
        let pairs = parameters.sorted { $0.key.precedesByBytes($1.key) }
            .flatMap { name, values in values.map { form(name) + "=" + form($0) } }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }

    /// A text in the form encoding of queries.
    private static func form(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            let isAlphanumeric = (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || (byte >= 0x30 && byte <= 0x39)
            if isAlphanumeric || byte == 0x2d || byte == 0x5f || byte == 0x2e || byte == 0x7e {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                out += byte == 0x20 ? "+" : escaped(byte)
            }
        }
        return out
    }

    private static func escaped(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.utf8.count < 2 ? "0" : "") + digits
    }
}
