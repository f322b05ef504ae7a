import Model

/// `/-/healthy`, `/-/ready`, and the root.
enum HealthRoutes {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        routes.on(["GET"], "/-/healthy") { _ throws(APIError) in .text("Haldane is healthy.\n") }
        routes.on(["GET"], "/-/ready") { _ throws(APIError) in .text("Haldane is ready.\n") }
        for path in ["/-/reload", "/-/quit"] {
            routes.on(["POST", "PUT"], path) { _ throws(APIError) in .text("Lifecycle API is not enabled.", status: 403)
            }
        }
        routes.on(["GET"], "/") { request throws(APIError) in
            if request.headers["accept"]?.contains("text/html") == true {
                return APIResponse(
                    status: 200, contentType: "text/html; charset=utf-8", body: Array(StatusPage.html.utf8))
            }
            return .text(overview(context.facts.version))
        }
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
