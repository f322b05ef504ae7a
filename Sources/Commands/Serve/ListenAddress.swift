import Console

/// `--listen HOST:PORT`
struct ListenAddress {
    let host: String
    let port: Int

    /// Parses `127.0.0.1:9090`, `[::1]:9090`, `:9090` (loopback), port 0 for any free one.
    init(_ text: String) throws {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw CommandError.badInput("--listen \(text): wanted HOST:PORT, such as 127.0.0.1:9090") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        self.host = host.isEmpty ? "127.0.0.1" : host
        self.port = port
    }

    /// Whether only this machine can connect.
    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// `host:port`, as it is written in URLs.
    func text(port: Int) -> String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// What a failed bind means for the user.
    func failure(_ error: any Error) -> CommandError {
        let reason = String(describing: error)
        let words =
            reason.contains("EADDRINUSE") || reason.contains("in use") || reason.contains("errno: 98")
            ? "address already in use" : reason
        return .unreachable("cannot listen on \(text(port: port)): \(words). --listen names another address.")
    }
}
