package import FlaggerAPI
package import Rollout

/// Hooks that always agree, for demos and dry runs: no request leaves the process.
///
/// Rollback hooks are the exception. They agree by not asking for a rollback.
package struct NoopWebhooks: WebhookClient {
    /// Hooks without a network.
    package init() {}

    package func call(_ hook: CanaryWebhook, _ payload: HookPayload) async -> HookAnswer {
        hook.kind == .rollback ? .failed("no rollback wanted") : .passed
    }
}
