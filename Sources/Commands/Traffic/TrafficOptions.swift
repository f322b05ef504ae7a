import ArgumentParser

/// The options that `haldane stat` and `haldane routes` share.
struct TrafficOptions: ParsableArguments {
    @Option(name: [.customShort("t"), .long], help: "What the numbers sum up, 15s or more.")
    var timeWindow: String = "1m"

    @Flag(name: .shortAndLong, help: "Show the table again every 2 s until interrupted.")
    var watch = false

    @Option(help: "Any server with the Prometheus HTTP API.")
    var server: String = "http://127.0.0.1:9090"
}

/// `-o` of the tables of traffic.
enum TrafficOutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case wide
    case json
}
