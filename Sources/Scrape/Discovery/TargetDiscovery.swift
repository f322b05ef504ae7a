/// A source of targets that may change while the server runs. It finds the targets of jobs and hands them to a `TargetSink`.
///
/// Users: `FileDiscovery` (`file_sd_configs`) and `HTTPDiscovery` (`http_sd_configs`); the discovery of Kubernetes pods is to
/// be the third. A server holds its discoveries as one `DiscoveryList`.
package protocol TargetDiscovery: Sendable {
    /// Takes over the jobs of a configuration: at the start and at each reload, after the sink has.
    func apply(_ configuration: ScrapeConfiguration)

    /// Looks for targets until the task is cancelled.
    func run() async

    /// Why some of the targets are not known, a sentence each.
    func problems() -> [String]
}

/// Several discoveries as one.
package struct DiscoveryList: TargetDiscovery {
    private let discoveries: [any TargetDiscovery]

    /// These discoveries, which should hand their targets to the same sink.
    package init(_ discoveries: [any TargetDiscovery]) { self.discoveries = discoveries }

    package func apply(_ configuration: ScrapeConfiguration) {
        for discovery in discoveries { discovery.apply(configuration) }
    }

    package func run() async {
        await withDiscardingTaskGroup { group in
            for discovery in discoveries { group.addTask { await discovery.run() } }
        }
    }

    package func problems() -> [String] { discoveries.flatMap { $0.problems() } }
}
