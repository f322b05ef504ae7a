package import Model

/// Why a fetch failed.
package struct FetchFailure: Error, Sendable, Equatable {
    /// The outcome that is stored with the row.
    package var outcome: ScrapeOutcome
    /// What happened, worded as Prometheus words it where it has words.
    package var message: String

    /// Bytes of a message kept, as targets influence its text.
    private static let messageBytesMax = 500

    /// The body is larger than it may be.
    static let bodyTooLarge = FetchFailure(.limitExceeded, "body size limit exceeded")

    /// A failure.
    package init(_ outcome: ScrapeOutcome, _ message: String) {
        self.outcome = outcome
        let isLong = message.utf8.count > Self.messageBytesMax
        self.message =
            isLong ? String(decoding: message.utf8.prefix(Self.messageBytesMax), as: UTF8.self) + "..." : message
    }
}
