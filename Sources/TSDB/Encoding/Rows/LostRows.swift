import Model

/// Open rows that could not be decoded.
struct LostRows: Sendable {
    /// Where samples of the group are missing.
    var window: TimeWindow
    /// What was found.
    var reason: String
}
