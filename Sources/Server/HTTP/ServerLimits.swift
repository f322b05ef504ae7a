import AnalysisService
package import NIOCore

/// What clients may take of the server: connections, bytes that are not finished, and time.
package struct ServerLimits: Sendable {
    /// Connections at a time: Prometheus's 512, and those that wait for verdicts (`RegistrationLimits.waiters`).
    package var connections = 512 + RegistrationLimits().waiters
    /// Connections of one address, so that some are left for others.
    package var connectionsOfClient = 256 + RegistrationLimits().waiters
    /// Connections beyond those, which are answered nothing but health checks.
    package var reserve = 32
    /// Bytes of one request body.
    package var bodyBytes = 16 << 20
    /// Bytes of all request bodies that are being received or worked on.
    package var bodiesBytes = 128 << 20
    /// From the first byte of a request to the end of its head.
    package var head = TimeAmount.seconds(10)
    /// The same on a connection of the reserve.
    package var reserveHead = TimeAmount.seconds(2)
    /// From the end of a head to the end of the body.
    package var body = TimeAmount.seconds(60)
    /// Between an answer and the next request, as in Prometheus.
    package var idle = TimeAmount.minutes(5)
    /// For a client to take the next piece of an answer (`AnswerPieces.pieceBytes`).
    package var writing = TimeAmount.seconds(30)
    /// For the answer to a client that has closed its side: it may wait for it, or be gone.
    package var halfClosed = TimeAmount.seconds(2)
    /// For a client to stop sending a body that was refused.
    package var leaving = TimeAmount.seconds(2)
    /// How often deadlines are looked at.
    package var tick = TimeAmount.seconds(1)

    /// The defaults.
    package init() {}
}
