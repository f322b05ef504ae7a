/// The Linkerd policy that lets proxies be scraped where their default inbound policy forbids it (`deny`,
/// `all-authenticated`, `cluster-authenticated`).
package enum ScrapePermission {
    /// Namespace and ServiceAccount that the objects stand for.
    private static let scraper = (namespace: "haldane", account: "haldane")

    /// The objects for a namespace, as YAML behind a line of comment. They are those of `linkerd viz allow-scrapes`
    /// with our own ServiceAccount. The route for the kubelet's probes belongs to them: once a route hangs on the
    /// admin port's Server, the built-in one is gone, and without it the pods would be killed.
    package static func objects(in namespace: String) -> String {
        let namespace = namespace.isEmpty ? "default" : namespace
        let documents = [
            server, route("proxy-metrics", paths: ["/metrics"]),
            authorization(
                "haldane-scrape", route: "proxy-metrics",
                kind: "kind: ServiceAccount", name: scraper.account, namespace: scraper.namespace),
            route("proxy-probes", paths: ["/live", "/ready"]),
            authorization(
                "proxy-probes", route: "proxy-probes",
                kind: "group: policy.linkerd.io\n      kind: NetworkAuthentication", name: "kubelet", namespace: nil),
            kubelet,
        ]
        let heading = """
            # To allow scraping, apply this with kubectl. It admits the ServiceAccount \(scraper.account) of namespace
            # \(scraper.namespace); put there the one that haldane runs as, in a meshed pod.

            """
        return heading
            + documents.map { $0.replacing("NAMESPACE", with: namespace) }.joined(separator: "\n---\n")
    }

    private static let server = """
        apiVersion: policy.linkerd.io/v1beta3
        kind: Server
        metadata:
          name: proxy-admin
          namespace: NAMESPACE
        spec:
          podSelector:
            matchExpressions:
              - key: linkerd.io/control-plane-ns
                operator: Exists
          port: linkerd-admin
          proxyProtocol: HTTP/1
        """

    private static let kubelet = """
        apiVersion: policy.linkerd.io/v1alpha1
        kind: NetworkAuthentication
        metadata:
          name: kubelet
          namespace: NAMESPACE
        spec:
          networks:
            - cidr: 0.0.0.0/0
            - cidr: ::/0
        """

    private static func route(_ name: String, paths: [String]) -> String {
        let matches = paths.map { "        - path:\n            value: \($0)\n            type: Exact" }
        return """
            apiVersion: policy.linkerd.io/v1beta3
            kind: HTTPRoute
            metadata:
              name: \(name)
              namespace: NAMESPACE
            spec:
              parentRefs:
                - name: proxy-admin
                  kind: Server
                  group: policy.linkerd.io
              rules:
                - matches:
            \(matches.joined(separator: "\n"))
            """
    }

    private static func authorization(
        _ name: String, route: String, kind: String, name reference: String, namespace: String?
    ) -> String {
        let line = namespace.map { "\n      namespace: \($0)" } ?? ""
        return """
            apiVersion: policy.linkerd.io/v1alpha1
            kind: AuthorizationPolicy
            metadata:
              name: \(name)
              namespace: NAMESPACE
            spec:
              targetRef:
                group: policy.linkerd.io
                kind: HTTPRoute
                name: \(route)
              requiredAuthenticationRefs:
                - \(kind)
                  name: \(reference)\(line)
            """
    }
}
