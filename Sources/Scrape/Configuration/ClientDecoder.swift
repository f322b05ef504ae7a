internal import Documents
internal import Model

/// Decodes the settings of the HTTP client, except for credentials.
enum ClientDecoder {
    /// The decoded settings.
    struct Settings {
        var followsRedirects = true
        var tls = ScrapeTLS()
        var headers: [ScrapeHeader] = []
    }

    /// Headers that `http_headers` may not set, as in Prometheus.
    private static let reserved: Set<String> = [
        "authorization", "host", "content-encoding", "content-length", "content-type", "user-agent", "connection",
        "keep-alive", "proxy-authenticate", "proxy-authorization", "www-authenticate", "accept-encoding",
        "x-prometheus-remote-write-version", "x-prometheus-remote-read-version",
        "x-prometheus-scrape-timeout-seconds", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256",
    ]

    static func settings(_ fields: [String: Node], _ reader: inout NodeReader) -> Settings {
        var out = Settings()
        out.followsRedirects = reader.flag(fields["follow_redirects"], "follow_redirects") ?? true
        out.tls = TLSDecoder.decode(fields["tls_config"], &reader)
        for entry in reader.entries(fields["http_headers"], "http_headers") { out.headers += header(entry, &reader) }
        if let value = fields["proxy_from_environment"],
            reader.flag(value, "proxy_from_environment") == true
        {
            reader.fail(value.location, "proxy_from_environment is not supported yet: targets are asked directly")
        }
        return out
    }

    private static func header(_ entry: Node.Entry, _ reader: inout NodeReader) -> [ScrapeHeader] {
        let lists = reader.fields(entry.value, "http_headers.\(entry.key)", .header)
        if reserved.contains(entry.key.lowercased()) {
            reader.fail(entry.keyLocation, "setting header \(GoQuote.quoted(entry.key)) is not allowed")
        }
        let texts = reader.texts(lists["values"], "values") + reader.texts(lists["secrets"], "secrets")
        let isClean = ([entry.key] + texts).allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }
        if !isClean || entry.key.isEmpty {
            reader.fail(entry.keyLocation, "a header name or value is empty or holds control characters")
            return []
        }
        let files = reader.list(lists["files"], "files").compactMap { reader.path($0, "an item of files") }
        return (texts.map { .text($0) } + files.map { .file($0) }).map { ScrapeHeader(name: entry.key, value: $0) }
    }

    /// One of `http_sd_configs`; `nil` when its URL can't be used.
    static func server(_ node: Node, _ reader: inout NodeReader) -> TargetServer? {
        let fields = reader.fields(node, "an HTTP discovery", .servers)
        let settings = settings(fields, &reader)
        let authorization = AuthorizationDecoder.decode(fields, node, &reader)
        let interval = reader.duration(fields["refresh_interval"], "refresh_interval") ?? 0
        guard let text = reader.text(fields["url"], "url"), !text.isEmpty else {
            reader.fail(node.location, "URL is missing")
            return nil
        }
        guard let url = TargetURL(text), url.hostAndPort != nil else {
            reader.fail(
                fields["url"]?.location ?? node.location,
                "\(GoQuote.quoted(WebAddress.shown(text))) is no URL of the form http://HOST:PORT/PATH or https://HOST:PORT/PATH"
            )
            return nil
        }
        var server = TargetServer(url: url, interval: interval > 0 ? interval : ScrapeDefaults.discoveryInterval)
        server.authorization = authorization
        server.headers = settings.headers
        server.followsRedirects = settings.followsRedirects
        server.tls = settings.tls
        return server
    }
}
