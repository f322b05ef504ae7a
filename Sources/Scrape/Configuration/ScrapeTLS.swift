/// `tls_config`: which TLS servers are trusted, and the client certificate.
package struct ScrapeTLS: Sendable, Hashable {
    /// A version of the protocol, as Prometheus names it.
    package enum Version: String, Sendable, CaseIterable {
        /// TLS 1.0
        case tls10 = "TLS10"
        /// TLS 1.1
        case tls11 = "TLS11"
        /// TLS 1.2
        case tls12 = "TLS12"
        /// TLS 1.3
        case tls13 = "TLS13"
    }

    /// Certificates of the authorities that are trusted, as PEM; `nil` for those the system trusts.
    package var authorities: ScrapeSecret?
    /// The client certificate with its chain, as PEM.
    package var certificate: ScrapeSecret?
    /// The certificate's key, as PEM; there exactly if the certificate is.
    package var key: ScrapeSecret?
    /// The name the target's certificate must be valid for; empty for the host of the target's address.
    package var serverName = ""
    /// Takes any certificate.
    package var skipsVerification = false
    /// The oldest version spoken.
    package var minimumVersion = Version.tls12
    /// The newest version spoken; `nil` for the newest there is.
    package var maximumVersion: Version?

    /// Prometheus's defaults.
    package init() {}
}
