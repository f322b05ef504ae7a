internal import Model
package import NIOCore

/// A request for a target's metrics, or for a list of targets.
package struct FetchRequest: Sendable {
    /// The URL.
    package var url: TargetURL
    /// Header lines besides `Host`, in order.
    package var headers: [(name: String, value: String)]
    /// Header lines that are sent to the configured address only, not where a redirect leads: authorization and the job's
    /// `http_headers`.
    var secrets: [(name: String, value: String)] = []
    /// Real time for the whole fetch: connecting, redirects, the body's last byte.
    package var timeout: TimeAmount
    /// Bytes of the body on the wire and after decompression.
    package var bodyLimit: Int
    /// Whether redirects are followed.
    package var followsRedirects: Bool
    /// How TLS targets are trusted.
    var tls: ScrapeTLS

    /// The request a job's scrapes make.
    init(_ target: Target, job: ScrapeJob, timeout: TimeAmount, userAgent: String) throws(FetchFailure) {
        url = target.url
        self.timeout = timeout
        bodyLimit = job.limits.bodyBytes > 0 ? job.limits.bodyBytes : ScrapeDefaults.bodySizeLimit
        followsRedirects = job.followsRedirects
        tls = job.tls
        headers = [
            ("User-Agent", userAgent), ("Accept", Self.accept(job.protocols)),
            ("Accept-Encoding", job.compresses ? "gzip" : "identity"),
            ("X-Prometheus-Scrape-Timeout-Seconds", Self.seconds(target.timeout)),
        ]
        secrets = try Self.secrets(job.authorization, job.headers)
    }

    /// The request for a list of targets.
    init(_ server: TargetServer, timeout: TimeAmount, userAgent: String, bodyLimit: Int) throws(FetchFailure) {
        url = server.url
        self.timeout = timeout
        self.bodyLimit = bodyLimit
        followsRedirects = server.followsRedirects
        tls = server.tls
        headers = [
            ("User-Agent", userAgent), ("Accept", "application/json"), ("Accept-Encoding", "identity"),
            ("X-Prometheus-Refresh-Interval-Seconds", Self.seconds(server.interval)),
        ]
        secrets = try Self.secrets(server.authorization, server.headers)
    }

    private static func secrets(
        _ authorization: ScrapeAuthorization, _ headers: [ScrapeHeader]
    ) throws(FetchFailure) -> [(name: String, value: String)] {
        var out: [(name: String, value: String)] = []
        do throws(ScrapeSecret.Unreadable) {
            if let value = try authorization.header() { out.append(("Authorization", value)) }
            for header in headers { out.append((header.name, try header.value.read())) }
        } catch {
            throw FetchFailure(.connectionFailed, "unable to read authorization credentials file \(error.path)")
        }
        return out
    }

    /// The formats with falling weights, and anything else last.
    static func accept(_ protocols: [ScrapeProtocol]) -> String {
        var weight = min(protocols.count + 2, 9)
        var parts: [String] = []
        for one in protocols {
            parts.append("\(one.mediaType);q=0.\(weight)")
            weight = max(weight - 1, 1)
        }
        return (parts + ["*/*;q=0.\(weight)"]).joined(separator: ",")
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let rest = milliseconds % 1000
        if rest == 0 { return "\(milliseconds / 1000)" }
        var fraction = String(1000 + rest).dropFirst()
        while fraction.hasSuffix("0") { fraction = fraction.dropLast() }
        return "\(milliseconds / 1000).\(fraction)"
    }
}

/// An answer with status 200.
package struct FetchedBody: Sendable {
    /// The body as it came over the wire.
    package var bytes: ByteBuffer
    /// Whether it is gzip.
    package var isGzip: Bool
    /// `Content-Type`, empty when missing.
    package var contentType: String
    /// Whether length or chunks say that the last byte is there. Otherwise the end of the connection ended it.
    package var isComplete: Bool
    /// Keeps the body's bytes counted in the budget.
    package let hold: BudgetHold
}
