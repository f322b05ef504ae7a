internal import NIOSSL
private import Synchronization

/// A cache of TLS contexts. Making one reads every authority that the system trusts, so targets with the same `tls_config` share
/// one. Files are read for each connection, and a context is made anew when one of them changed.
final class TLSContexts: Sendable {
    /// Why a context can't be made.
    struct Failure: Error {
        var reason: String
    }

    /// The contents of the files of a `tls_config`.
    private struct Texts: Equatable {
        var authorities: String?
        var certificate: String?
        var key: String?

        init(_ tls: ScrapeTLS) throws(Failure) {
            authorities = try Self.read(tls.authorities, "CA certificate")
            certificate = try Self.read(tls.certificate, "client certificate")
            key = try Self.read(tls.key, "client key")
        }

        private static func read(_ secret: ScrapeSecret?, _ what: String) throws(Failure) -> String? {
            guard let secret else { return nil }
            do throws(ScrapeSecret.Unreadable) {
                return try secret.read()
            } catch {
                throw Failure(reason: "unable to read the \(what) file \(error.path)")
            }
        }
    }

    private struct Entry {
        var texts: Texts
        var context: NIOSSLContext
    }

    /// Contexts kept at most: reloads of the configuration leave old ones behind.
    private static let contextsMax = 64
    private let entries = Mutex<[ScrapeTLS: Entry]>([:])

    /// The context of a configuration.
    func context(_ tls: ScrapeTLS) throws(Failure) -> NIOSSLContext {
        let texts = try Texts(tls)
        if let known = entries.withLock({ $0[tls] }), known.texts == texts { return known.context }
        let context = try Self.make(tls, texts)
        entries.withLock { entries in
            if entries.count >= Self.contextsMax, entries[tls] == nil { entries = [:] }
            entries[tls] = Entry(texts: texts, context: context)
        }
        return context
    }

    private static func make(_ tls: ScrapeTLS, _ texts: Texts) throws(Failure) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = tls.minimumVersion.version
        configuration.maximumTLSVersion = tls.maximumVersion?.version
        configuration.certificateVerification = tls.skipsVerification ? .none : .fullVerification
        if let pem = texts.authorities {
            configuration.trustRoots = .certificates(try certificates(pem, "CA certificate"))
        }
        if let pem = texts.certificate, let key = texts.key {
            configuration.certificateChain = try certificates(pem, "client certificate").map { .certificate($0) }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
            } catch {
                throw Failure(reason: "the client key is no private key in PEM form")
            }
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw Failure(reason: "client certificate and key can't be used together: \(error)")
        }
    }

    private static func certificates(_ pem: String, _ what: String) throws(Failure) -> [NIOSSLCertificate] {
        let found = (try? NIOSSLCertificate.fromPEMBytes(Array(pem.utf8))) ?? []
        if found.isEmpty { throw Failure(reason: "the \(what) holds no certificate in PEM form") }
        return found
    }
}

extension ScrapeTLS.Version {
    fileprivate var version: TLSVersion {
        switch self {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}
