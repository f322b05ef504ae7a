import AnalysisService
import Model
import TSDB

/// `/-/healthy`, `/-/ready`, and the root.
enum HealthRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        for word in ["healthy", "ready"] {
            routes.on(["GET"], "/-/\(word)", .open) { _ throws(APIError) in
                .text("Haldane is \(word).\n" + trouble(context.storage?.storageStatus()) + damage(context))
            }
        }
        for path in ["/-/reload", "/-/quit"] {
            routes.on(["POST", "PUT"], path, .admin, guarded: true) { _ throws(APIError) in
                .text("Lifecycle API is not enabled.", status: 403)
            }
        }
        routes.on(["GET"], "/", .read) { request throws(APIError) in
            if request.headers["accept"]?.contains("text/html") == true {
                return StatusPage.answer()
            }
            return .text(overview(context.facts.version))
        }
    }

    /// A server that can't write goes on scraping and answering, so it stays healthy and says what is wrong.
    private static func trouble(_ status: StorageStatus?) -> String {
        guard let status else { return "" }
        var text = ""
        if let time = status.stalledFor {
            text =
                "Writing the data directory is stalled for \(time / 1_000) s: the disk has not finished a write for so "
                + "long. Samples are kept in memory until it does.\n"
        }
        guard let since = status.failingSince else { return text }
        return text + "The data directory can't be written since \(RFC3339.text(since)): \(status.lastError). "
            + "Samples are kept in memory until it can.\n"
    }

    /// Registrations and verdicts that were lost, and data that could not be decoded; the rest is answered.
    private static func damage(_ context: ServerContext) -> String {
        let verdicts = context.registered?.statistics().stored.damage.map { damage in
            "Damage: \(damage).\n"
        }
        let parts = context.database.knownDamagedParts
        if parts == 0 { return verdicts ?? "" }
        return (verdicts ?? "")
            + "Stored data of \(parts) \(parts == 1 ? "part" : "parts") can't be decoded and is left out of answers; "
            + "/api/v1/status/tsdb says of which targets.\n"
    }

    /// What a person with curl sees at the root.
    private static func overview(_ version: String) -> String {
        """
        Haldane \(version): canary metrics and verdicts for Linkerd

          /api/v1/query?query=up     ask (Prometheus HTTP API)
          /api/v1/targets            what is scraped, and how it went
          /analysis/v1/evaluate      POST a Canary, get an explained verdict
          /metrics  /-/healthy  /-/ready  /api/v1/status/tsdb

        """
    }
}
