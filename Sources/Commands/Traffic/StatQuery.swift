import Model

/// The PromQL behind a table of `haldane stat`: the queries that `linkerd viz stat` asks, so that both show the same.
///
/// Inbound metrics tell what a workload's own proxies saw. With `--from` or `--to` the metrics are those of the
/// client's proxies (`direction="outbound"`), whose `dst_*` labels name the other side.
struct StatQuery {
    /// The other end of the traffic that is looked at.
    enum Peer: Equatable {
        case none
        case from(StatResource)
        case to(StatResource)
    }

    /// What the rows are.
    var resource: StatResource
    var peer: Peer
    /// The window as text, such as `1m`.
    var window: String

    /// The resources that are named: those of the rows, and the peer.
    var named: [StatResource] {
        switch peer {
        case .none: [resource]
        case .from(let other), .to(let other): [resource, other]
        }
    }

    /// Label of the answers that holds the namespace of a row.
    var namespaceLabel: String { isDestination ? "dst_namespace" : "namespace" }
    /// Label of the answers that holds the name of a row; that of the namespace for namespaces.
    var nameLabel: String {
        if resource.kind == .namespace { return namespaceLabel }
        return isDestination ? resource.kind.destinationLabel : resource.kind.label
    }

    /// Whether the rows are named by labels of the far side.
    private var isDestination: Bool {
        if case .from = peer { return true }
        // Services and authorities have no proxy of their own: only their callers know them.
        return peer == .none && [.service, .authority].contains(resource.kind)
    }

    private var isOutbound: Bool { peer != .none || isDestination }

    private var grouping: String {
        nameLabel == namespaceLabel ? namespaceLabel : "\(namespaceLabel), \(nameLabel)"
    }

    /// The matchers that all queries share.
    private var filter: [String] {
        let matchers: [String]
        switch peer {
        case .none: matchers = isDestination ? Self.destination(resource, isRow: true) : Self.own(resource)
        case .from(let client): matchers = Self.own(client) + Self.destination(resource, isRow: false)
        case .to(let server): matchers = Self.own(resource) + Self.destination(server, isRow: false)
        }
        return [#"direction="\#(isOutbound ? "outbound" : "inbound")""#] + matchers
    }

    /// Matchers by which a workload's own metrics are told.
    private static func own(_ resource: StatResource) -> [String] {
        var matchers: [String] = []
        if let namespace = resource.namespace { matchers.append("namespace=\(GoQuote.quoted(namespace))") }
        if let name = resource.name {
            matchers.append("\(resource.kind.label)=\(GoQuote.quoted(name))")
        } else {
            matchers.append(#"\#(resource.kind.label)!="""#)
        }
        return matchers
    }

    /// Matchers by which a client's metrics tell the far side. As viz has it, the far side's namespace counts only
    /// together with a name; rows that are the far side without any client are within the namespace asked for.
    private static func destination(_ resource: StatResource, isRow: Bool) -> [String] {
        guard let name = resource.name else {
            let namespace = isRow ? resource.namespace.map { "dst_namespace=\(GoQuote.quoted($0))" } : nil
            return (namespace.map { [$0] } ?? []) + [#"\#(resource.kind.destinationLabel)!="""#]
        }
        switch resource.kind {
        case .service:
            return ["authority=~\(GoQuote.quoted(host(name, resource.namespace)))"]
        case .authority: return ["authority=\(GoQuote.quoted(name))"]
        default:
            let namespace = resource.namespace.map { ["dst_namespace=\(GoQuote.quoted($0))"] } ?? []
            return namespace + ["\(resource.kind.destinationLabel)=\(GoQuote.quoted(name))"]
        }
    }

    /// A pattern for the host name of a Service with or without a port.
    static func host(_ name: String, _ namespace: String?) -> String {
        let parts = [name, namespace].map { $0.map { $0.replacing(".", with: "\\.") } ?? "[^.]+" }
        return parts.joined(separator: "\\.") + "\\.svc\\..*"
    }

    private func braces(_ more: String...) -> String { "{\((filter + more).joined(separator: ", "))}" }

    /// Finished requests in the window by outcome.
    var requests: String { "sum(increase(response_total\(braces())[\(window)])) by (\(grouping), classification, tls)" }

    /// A quantile of the latency in milliseconds, over the window. Viz has `irate` here, the last two scrapes of it.
    func latency(_ quantile: String) -> String {
        "histogram_quantile(\(quantile), sum(rate(response_latency_ms_bucket\(braces())[\(window)])) by (le, \(grouping)))"
    }

    /// Connections that are open.
    var connections: String { "sum(tcp_open_connections\(braces())) by (\(grouping))" }

    /// Bytes read in the window, on the side that faces the peer.
    var readBytes: String { bytes("tcp_read_bytes_total") }
    /// Bytes written in the window.
    var writtenBytes: String { bytes("tcp_write_bytes_total") }

    private func bytes(_ name: String) -> String {
        let side = peer == .none && !isDestination ? "src" : "dst"
        return "sum(increase(\(name)\(braces(#"peer="\#(side)""#))[\(window)])) by (\(grouping))"
    }

    /// The objects that there are, whether or not they have traffic: those that are scraped. `nil` where only traffic
    /// makes rows. Stands in for the list that viz gets from Kubernetes.
    var objects: String? {
        guard !isOutbound else { return nil }
        return "count(up{\(Self.own(resource).joined(separator: ", "))}) by (\(grouping))"
    }
}
