package import Analyzer

/// Calls webhooks. The controller has one that speaks HTTP; demos and tests answer themselves.
package protocol HookCaller: Sendable {
    /// Posts `payload` to the hook, with its time-out and retries.
    func call(_ hook: CanaryWebhook, _ payload: HookPayload) async -> HookAnswer
}

/// What a hook is told.
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

    /// A short text that is equal for equal revisions. (64-bit FNV-1a over the parts, each ended by a zero byte.)
    package static func checksum(of revision: RevisionKey) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = hash &* 0x100_0000_01B3
        }
        add(revision.spec)
        for (name, checksum) in revision.configs.sorted(by: { $0.key < $1.key }) {
            add(name)
            add(checksum)
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
