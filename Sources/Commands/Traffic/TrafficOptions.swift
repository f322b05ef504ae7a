import ArgumentParser

/// The options that `haldane stat` and `haldane routes` share.
struct TrafficOptions: ParsableArguments {
    @Option(
        name: [.customShort("t"), .long],
        help: "What all numbers are of, rates and latencies: the time until now, 15s or more.")
    var timeWindow: String = "1m"

    @Flag(name: .shortAndLong, help: "Show the table again every 2 s until interrupted.")
    var watch = false

    @OptionGroup var server: ServerOptions
}

/// `-o` of the tables of traffic.
enum TrafficOutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table
    case wide
    case json
}
