package import Exposition
package import Model

/// One entry of `scrape_configs`.
package struct ScrapeJob: Sendable, Equatable {
    /// The scheme of a URL.
    package enum Scheme: String, Sendable {
        /// In the clear.
        case http
        /// TLS.
        case https
    }

    /// `job_name`
    package var name: String
    /// Time between scrapes; at least 1 ms.
    package var interval = ScrapeDefaults.interval
    /// Time for one scrape; at most the interval.
    package var timeout = ScrapeDefaults.timeout
    /// `metrics_path`
    package var metricsPath = "/metrics"
    /// `scheme`
    package var scheme = Scheme.http
    /// `params`: values by name.
    package var parameters: [String: [String]] = [:]
    /// `honor_labels`: exposed labels win over those of the target.
    package var honorsLabels = false
    /// `honor_timestamps`: timestamps of lines count.
    package var honorsTimestamps = true
    /// `track_timestamps_staleness`: series with timestamps of their own end when their lines vanish.
    package var tracksTimestamps = false
    /// Whether each scrape also stores its timeout, its sample limit and the size of its body.
    package var storesExtraMetrics = false
    /// Dropped targets kept for showing; 0 is no limit of its own.
    package var keptDroppedTargets = 0
    /// Whether gzip is asked for.
    package var compresses = true
    /// `tls_config`
    package var tls = ScrapeTLS()
    /// Whether redirects are followed.
    package var followsRedirects = true
    /// `Authorization` of the requests.
    package var authorization = ScrapeAuthorization.none
    /// `http_headers`: further header lines.
    package var headers: [ScrapeHeader] = []
    /// Formats asked for, best first.
    package var protocols = ScrapeProtocol.defaults
    /// Format of answers without a usable `Content-Type`; without it they fail.
    package var fallbackFormat: ExpositionFormat?
    /// The limits of a scrape.
    package var limits = ScrapeLimits()
    /// Fixed targets.
    package var staticConfigs: [TargetGroup] = []
    /// Files that list targets: paths that end in `.json`, `.yml` or `.yaml`, with at most one `*` in the last part.
    package var targetFiles: [String] = []
    /// Servers that list targets.
    package var targetServers: [TargetServer] = []
    /// Rules for targets.
    package var relabelRules: [RelabelRule] = []
    /// Rules for series.
    package var metricRelabelRules: [RelabelRule] = []

    /// A job with Prometheus's defaults.
    package init(name: String) { self.name = name }
}

/// One header line of requests.
package struct ScrapeHeader: Sendable, Equatable {
    /// Its name.
    package var name: String
    /// Its value.
    package var value: ScrapeSecret

    /// A header line.
    package init(name: String, value: ScrapeSecret) {
        self.name = name
        self.value = value
    }
}

/// The limits of a job; 0 is no limit.
package struct ScrapeLimits: Sendable, Equatable {
    /// Bytes of a body, decompressed; 0 is `ScrapeDefaults.bodySizeLimit`.
    package var bodyBytes = 0
    /// Samples after relabelling.
    package var samples = 0
    /// Labels of a series.
    package var labels = 0
    /// Bytes of a label name.
    package var labelNameBytes = 0
    /// Bytes of a label value.
    package var labelValueBytes = 0
    /// Targets of the job after relabelling.
    package var targets = 0

    /// No limits.
    package init() {}
}

/// Targets that were found together and share labels.
package struct TargetGroup: Sendable, Equatable {
    /// `host:port` of each.
    package var addresses: [String]
    /// Labels of all addresses, `__meta_` labels included.
    package var labels: Labels
    /// The origin of the group, for messages.
    package var source: String

    /// A group.
    package init(addresses: [String], labels: Labels = Labels(), source: String = "") {
        self.addresses = addresses
        self.labels = labels
        self.source = source
    }
}

/// A server that lists targets (`http_sd_configs`).
package struct TargetServer: Sendable, Equatable {
    /// The URL of its list.
    package var url: TargetURL
    /// Time between requests.
    package var interval: Milliseconds
    /// `Authorization` of the requests.
    package var authorization = ScrapeAuthorization.none
    /// Further header lines.
    package var headers: [ScrapeHeader] = []
    /// Whether redirects are followed.
    package var followsRedirects = true
    /// `tls_config`
    package var tls = ScrapeTLS()

    /// A server without authorization.
    package init(url: TargetURL, interval: Milliseconds) {
        self.url = url
        self.interval = interval
    }
}

/// A format that can be asked for.
package enum ScrapeProtocol: String, Sendable {
    /// OpenMetrics 1.0.
    case openMetrics1 = "OpenMetricsText1.0.0"
    /// OpenMetrics 0.0.1.
    case openMetrics0 = "OpenMetricsText0.0.1"
    /// Text 1.0.0: 0.0.4 with UTF-8 names.
    case text1 = "PrometheusText1.0.0"
    /// Text 0.0.4.
    case text0 = "PrometheusText0.0.4"

    /// What Prometheus asks for without native histograms.
    package static let defaults: [ScrapeProtocol] = [.openMetrics1, .openMetrics0, .text1, .text0]

    /// The media type with its parameters.
    var mediaType: String {
        switch self {
        case .openMetrics1: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"
        case .openMetrics0: "application/openmetrics-text;version=0.0.1"
        case .text1: "text/plain;version=1.0.0;escaping=allow-utf-8"
        case .text0: "text/plain;version=0.0.4"
        }
    }

    /// The parser that reads it.
    var format: ExpositionFormat { self == .openMetrics1 || self == .openMetrics0 ? .openMetrics : .text }
}
