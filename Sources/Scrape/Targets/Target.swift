package import Model

/// Something to scrape, after relabelling.
package struct Target: Sendable, Equatable {
    /// The job.
    package var job: String
    /// Labels every series of the target carries.
    package var labels: Labels
    /// Labels before relabelling.
    package var discoveredLabels: Labels
    /// What is fetched.
    package var url: TargetURL
    /// Time between scrapes.
    package var interval: Milliseconds
    /// Time for one.
    package var timeout: Milliseconds

    /// What tells the target from others, also where rows go.
    package var key: GroupKey { GroupKey(job: job, target: "\(url) \(labels)") }
}

/// The parts of a scrape URL.
package struct TargetURL: Sendable, Hashable {
    /// `http` or `https`.
    package var scheme: ScrapeJob.Scheme
    /// `host:port` or `host`, as configured.
    package var address: String
    /// Path and query, beginning with `/`.
    package var pathAndQuery: String

    /// A URL.
    package init(scheme: ScrapeJob.Scheme, address: String, pathAndQuery: String) {
        self.scheme = scheme
        self.address = address
        self.pathAndQuery = pathAndQuery
    }

    /// Host without brackets, and the port with the scheme's default; `nil` when the port is no number in 1...65535.
    package var hostAndPort: (host: String, port: Int)? {
        let standard = scheme == .http ? 80 : 443
        let bytes = Array(address.utf8)
        if bytes.first == 0x5b {
            guard let close = bytes.firstIndex(of: 0x5d) else { return nil }
            let host = String(decoding: bytes[1..<close], as: UTF8.self)
            if close + 1 == bytes.count { return (host, standard) }
            guard bytes[close + 1] == 0x3a, let port = Self.port(bytes[(close + 2)...]) else { return nil }
            return (host, port)
        }
        guard let colon = bytes.lastIndex(of: 0x3a) else { return bytes.isEmpty ? nil : (address, standard) }
        guard colon > 0, let port = Self.port(bytes[(colon + 1)...]) else { return nil }
        return (String(decoding: bytes[..<colon], as: UTF8.self), port)
    }

    private static func port(_ digits: ArraySlice<UInt8>) -> Int? {
        guard let port = Int(String(decoding: digits, as: UTF8.self)), port > 0, port <= 65_535 else { return nil }
        return port
    }
}

extension TargetURL: CustomStringConvertible {
    /// The URL as text.
    package var description: String { "\(scheme.rawValue)://\(address)\(pathAndQuery)" }
}
