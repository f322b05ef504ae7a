/// Which parts of the language that Prometheus keeps behind switches are accepted.
package struct ParserOptions: Sendable, Hashable {
    /// Functions and aggregations marked experimental.
    package var experimentalFunctions: Bool
    /// `anchored` and `smoothed`.
    package var extendedRangeSelectors: Bool
    /// `fill`, `fill_left` and `fill_right`.
    package var fillModifiers: Bool
    /// Arithmetic, `step()`, `range()`, `min_of` and `max_of` where a duration stands.
    package var durationExpressions: Bool

    /// A choice of switches; the defaults are those of the server.
    package init(
        experimentalFunctions: Bool = false, extendedRangeSelectors: Bool = false, fillModifiers: Bool = false,
        durationExpressions: Bool = true
    ) {
        self.experimentalFunctions = experimentalFunctions
        self.extendedRangeSelectors = extendedRangeSelectors
        self.fillModifiers = fillModifiers
        self.durationExpressions = durationExpressions
    }

    /// What a Prometheus 3.14 server accepts when no feature flag is given.
    package static let standard = ParserOptions()

    /// All there is.
    package static let everything = ParserOptions(
        experimentalFunctions: true, extendedRangeSelectors: true, fillModifiers: true, durationExpressions: true)
}
