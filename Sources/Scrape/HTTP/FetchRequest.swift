package import NIOCore

/// What to ask a target for.
package struct FetchRequest: Sendable {
    /// Where.
    package var url: TargetURL
    /// Header lines besides `Host`, in order.
    package var headers: [(name: String, value: String)]
    /// Real time for everything: connecting, redirects, the last byte.
    package var timeout: TimeAmount
    /// Bytes of the body on the wire and after decompression.
    package var bodyLimit: Int
    /// Whether redirects are followed.
    package var followsRedirects: Bool

    /// The request a job's scrapes make. `nominalTimeout` is what the target is told, in seconds.
    init(_ target: Target, job: ScrapeJob, authorization: String?, timeout: TimeAmount, userAgent: String) {
        url = target.url
        self.timeout = timeout
        bodyLimit = job.limits.bodyBytes > 0 ? job.limits.bodyBytes : ScrapeDefaults.bodySizeLimit
        followsRedirects = job.followsRedirects
        headers = [
            ("User-Agent", userAgent), ("Accept", Self.accept(job.protocols)),
            ("Accept-Encoding", job.compresses ? "gzip" : "identity"),
            ("X-Prometheus-Scrape-Timeout-Seconds", Self.seconds(target.timeout)),
        ]
        if let authorization { headers.append(("Authorization", authorization)) }
        for line in job.headers { headers.append((line.name, line.value)) }
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
