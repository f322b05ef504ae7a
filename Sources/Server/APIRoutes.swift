/// Every route of the API, in one table.
package enum APIRoutes {
    /// The table for a context.
    package static func table(_ context: ServerContext) -> RouteTable {
        var routes = RouteTable()
        HealthRoutes.add(to: &routes, context)
        QueryRoutes.add(to: &routes, context)
        SeriesRoutes.add(to: &routes, context)
        TargetRoutes.add(to: &routes, context)
        StatusRoutes.add(to: &routes, context)
        SelfMetricsRoute.add(to: &routes, context)
        FederationRoute.add(to: &routes, context)
        RemoteWriteRoute.add(to: &routes, context)
        AnalysisRoutes.add(to: &routes, context)
        CanaryRoutes.add(to: &routes, context)
        ReplayRoutes.add(to: &routes, context)
        AdminRoutes.add(to: &routes, context)
        return routes
    }
}
