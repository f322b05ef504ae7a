/// A server that the benchmark can run.
package enum PeerKind: String, CaseIterable, Encodable {
    case haldane
    case prometheus
    case victoria = "victoria-metrics"

    /// Arguments for a server that scrapes by `configuration`, keeps its data in `folder` and listens on `port`.
    package func arguments(configuration: String, folder: String, port: Int) -> [String] {
        let address = "127.0.0.1:\(port)"
        return switch self {
        case .haldane:
            ["serve", "--config", configuration, "--data", folder, "--listen", address, "--log-level", "error"]
        case .prometheus:
            [
                "--config.file=\(configuration)", "--storage.tsdb.path=\(folder)", "--web.listen-address=\(address)",
                "--web.enable-admin-api",
            ]
        case .victoria:
            // By default an instant query does not see the last 30 s.
            [
                "-promscrape.config=\(configuration)", "-storageDataPath=\(folder)", "-httpListenAddr=\(address)",
                "-search.latencyOffset=0s",
            ]
        }
    }

    /// What makes it print its version.
    var versionArgument: String { self == .victoria ? "-version" : "--version" }

    /// Answers 200 once the server is ready.
    var readyPath: String { self == .victoria ? "/health" : "/-/ready" }

    /// The family in its `/metrics` that counts samples taken in.
    var sampleCounter: String {
        switch self {
        case .haldane: "haldane_store_samples_total"
        case .prometheus: "prometheus_tsdb_head_samples_appended_total"
        case .victoria: "vm_rows_inserted_total"
        }
    }

    /// The family in its `/metrics` that counts series, where there is one.
    var seriesGauge: String? {
        switch self {
        case .haldane: "haldane_store_series"
        case .prometheus: "prometheus_tsdb_head_series"
        case .victoria: nil
        }
    }
}
