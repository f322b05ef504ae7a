/// Our additions to a Canary, all optional: Flagger ignores them.
package enum Annotation {
    /// `honour`: templates are asked at their own address.
    package static let queryAddress = "haldane.dev/query-address"
    /// Fewest requests in the window that allow a judgement, a number.
    package static let minimumRequests = "haldane.dev/minimum-requests"

    /// Ours, for the check of unknown ones.
    package static let known = [queryAddress, minimumRequests]
    /// What all of them begin with.
    package static let prefix = "haldane.dev/"
}
