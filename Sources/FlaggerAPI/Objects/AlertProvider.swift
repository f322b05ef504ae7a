/// A `flagger.app/v1beta1` AlertProvider: where alerts are posted.
package struct AlertProvider: Sendable, Hashable {
    /// The services Flagger knows.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case slack
        case msteams
        case discord
        case rocket
        case gchat
    }

    /// Name and namespace.
    package var reference: ObjectReference
    /// The service.
    package var kind: Kind
    /// The webhook's URL, `nil` when a Secret has it.
    package var address: String?
    /// Secret whose key `address` is the URL and whose key `token` an optional token.
    package var secretName: String?
    /// The channel.
    package var channel: String = "general"
    /// The sender's name.
    package var username: String = "flagger"
    /// HTTP proxy on the way to the service.
    package var proxy: String?

    /// A provider with defaults for all that is optional.
    package init(reference: ObjectReference, kind: Kind) {
        self.reference = reference
        self.kind = kind
    }
}
