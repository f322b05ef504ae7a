internal import FlaggerAPI

/// The cookies of session affinity, `NAME=VALUE` each, as the status of a Canary holds them.
package struct AffinityCookies: Sendable, Hashable {
    /// The cookie that keeps clients with the canary of the run; `nil` while the canary gets no traffic.
    package var canary: String?
    /// The cookie of the run before, which clients are told to forget.
    package var previous: String?
    /// The cookie that keeps clients with the primary; `nil` where none is asked for.
    package var primary: String?

    /// No cookies.
    package init() {}

    /// The cookies when the canary has traffic, or none any more.
    ///
    /// A canary that gets traffic has a cookie, made once for a run; when its traffic ends, clients forget it. The primary's is
    /// made once for a Canary. `value` makes the value of a new cookie from a text that tells cookies apart.
    mutating func follow(_ weights: TrafficWeights, _ affinity: SessionAffinity, value: (String) -> String) {
        if weights.canary > 0 {
            if canary == nil { canary = "\(affinity.cookieName)=\(value("canary"))" }
            if primary == nil, let name = affinity.primaryCookieName { primary = "\(name)=\(value("primary"))" }
        } else if let ended = canary {
            previous = ended
            canary = nil
        }
    }
}
