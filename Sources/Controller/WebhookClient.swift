package import FlaggerAPI
package import Rollout

/// Calls webhooks. The controller has one that speaks HTTP; demos and tests answer themselves.
package protocol WebhookClient: Sendable {
    /// Posts `payload` to the hook, with its time-out and retries.
    func call(_ hook: CanaryWebhook, _ payload: HookPayload) async -> HookAnswer
}

/// The payload of a call of a hook.
package struct HookPayload: Sendable, Hashable {
    /// Name and namespace of the Canary.
    package var canary: ObjectReference
    /// The phase, as the hook's kind defines it.
    package var phase: CanaryPhase
    /// Identifies the revision of workload and configuration.
    package var checksum: String
    /// The hook's own metadata; event hooks also get `eventMessage`, `eventType` and `timestamp`.
    package var metadata: [String: String]

    /// The payload of a call.
    package init(canary: ObjectReference, phase: CanaryPhase, revision: RevisionKey, metadata: [String: String]) {
        self.canary = canary
        self.phase = phase
        self.metadata = metadata
        checksum = HookPayload.checksum(of: revision)
    }

    /// A short text that is equal for equal revisions.
    package static func checksum(of revision: RevisionKey) -> String {
        var hash = StableHash()
        hash.add(revision.spec)
        for (name, checksum) in revision.configs.sorted(by: { $0.key < $1.key }) {
            hash.add(name)
            hash.add(checksum)
        }
        return hash.text
    }
}
