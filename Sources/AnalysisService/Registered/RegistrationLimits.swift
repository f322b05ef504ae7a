package import Model

/// Limits of registered analyses.
package struct RegistrationLimits: Sendable {
    /// Registered Canaries.
    package var analyses = 1000
    /// Bytes of one registration.
    package var bodyBytes = 1 << 20
    /// Clients that wait for verdicts, of all analyses together.
    package var waiters = 2000
    /// Longest wait.
    package var wait: Milliseconds = 300_000
    /// Longest evaluation, of all checks together.
    package var evaluation = Duration.seconds(120)
    /// Verdicts in one answer.
    package var verdicts = 11_000

    /// The defaults.
    package init() {}
}
