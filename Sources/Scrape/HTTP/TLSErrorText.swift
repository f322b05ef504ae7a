private import NIOSSL

/// Words TLS errors, with what to do about them.
enum TLSErrorText {
    /// The reason; `nil` when the error is none of TLS.
    static func reason(_ error: any Error) -> String? {
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "tls: failed to verify certificate: it is not valid for this host "
                + "(tls_config.server_name can name the one it is for)"
        case let error as NIOSSLError:
            if case .handshakeFailed(let cause) = error { return handshake("\(cause)") }
            if case .unableToValidateCertificate = error { return unverified }
            return "tls: \(error)"
        case is BoringSSLError, is NIOSSLExtraError: return handshake("\(error)")
        default: return nil
        }
    }

    /// Whether the target closed the connection without a TLS close notification.
    static func isClosedConnection(_ error: any Error) -> Bool {
        if case .uncleanShutdown? = error as? NIOSSLError { return true }
        return false
    }

    private static let unverified =
        "tls: failed to verify certificate: signed by unknown authority, or expired "
        + "(tls_config.ca_file can name the authority)"

    /// Texts for the commonest of BoringSSL's error names.
    private static let known: [(mark: String, reason: String)] = [
        ("CERTIFICATE_VERIFY_FAILED", unverified),
        ("WRONG_VERSION_NUMBER", "the target does not speak TLS (scheme: http?)"),
        ("HTTP_REQUEST", "the target does not speak TLS (scheme: http?)"),
        ("CERTIFICATE_REQUIRED", clientCertificate), ("HANDSHAKE_FAILURE", clientCertificate),
        ("BAD_CERTIFICATE", clientCertificate), ("UNKNOWN_CA", clientCertificate),
        ("PROTOCOL_VERSION", "tls: no common version (tls_config.min_version and max_version bound it)"),
        ("UNSUPPORTED_PROTOCOL", "tls: no common version (tls_config.min_version and max_version bound it)"),
        ("EOF during handshake", "tls: the target closed the connection during the handshake"),
    ]

    private static let clientCertificate =
        "tls: the target refused the handshake; it may want a client certificate (tls_config.cert_file and key_file)"

    private static func handshake(_ text: String) -> String {
        known.first { text.contains($0.mark) }?.reason ?? "tls: handshake failure: \(text.prefix(200))"
    }
}
