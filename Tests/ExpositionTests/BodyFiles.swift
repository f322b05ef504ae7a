import Exposition
import Foundation
import Model

/// A sample that a body must hold: the only one with this name and these labels among its own.
struct ExpectedSample {
    let name: String
    let labels: [String: String]
    let value: Double
    var time: Timestamp?

    init(_ name: String, _ value: Double) { self.init(name, [:], value) }

    init(_ name: String, _ labels: [String: String], _ value: Double, time: Timestamp? = nil) {
        self.name = name
        self.labels = labels
        self.value = value
        self.time = time
    }

    func matches(_ series: Labels) -> Bool {
        series.metricName == name && labels.allSatisfy { series[$0.key] == $0.value }
    }
}

/// A body in `Bodies`, and what reading it must give. The counts are those of the file's lines, the values are copied from them.
struct BodyFile: CustomStringConvertible {
    let name: String
    var format = ExpositionFormat.text
    /// Sample lines that can be read.
    let samples: Int
    /// Different label sets among them.
    let series: Int
    /// Lines that a lenient reader leaves out; a strict one refuses the body at the first of them.
    var badLines: [Int] = []
    /// TYPE lines.
    let families: Int
    /// Types of some families.
    let types: [String: String]
    /// HELP and UNIT texts of some families.
    var help: [String: String] = [:]
    var units: [String: String] = [:]
    let values: [ExpectedSample]
    /// Samples with an exemplar.
    var exemplars = 0

    var description: String { name }

    /// The folder of the bodies, beside this file.
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Bodies")

    /// The body.
    func bytes() throws -> [UInt8] { Array(try Data(contentsOf: Self.folder.appendingPathComponent(name))) }
}

extension BodyFile {
    static let all = [linkerdInbound, linkerdOutbound, openMetrics, oddEscapes, classicHistograms, damaged]

    /// The proxy of a server, as `haldane proxies --seed 7 --workload name=podinfo,rps=20,error=5%,p99=80ms --workload
    /// name=podinfo-primary,rps=40,error=0%,p99=40ms` shows podinfo's after half a minute, some families left out.
    private static let linkerdInbound = BodyFile(
        name: "linkerd-inbound.prom", samples: 194, series: 194, families: 33,
        types: [
            "request_total": "counter", "response_total": "counter", "response_latency_ms": "histogram",
            "inbound_http_statuses": "counter", "inbound_http_request_duration_seconds": "histogram",
            "process_start_time_seconds": "gauge", "tcp_open_connections": "gauge",
        ],
        units: ["process_start_time_seconds": "seconds", "inbound_http_request_duration_seconds": "seconds"],
        values: [
            .init("response_total", ["target_port": "9898", "status_code": "200", "classification": "success"], 748),
            .init("response_total", ["target_port": "9898", "status_code": "404", "classification": "success"], 6),
            .init("response_total", ["target_port": "9898", "status_code": "500", "classification": "failure"], 36),
            .init("response_total", ["target_port": "4191", "route_name": "probe", "tls": "no_identity"], 8),
            .init("request_total", ["target_port": "9898", "tls": "true", "authz_kind": "default"], 790),
            .init("response_latency_ms_bucket", ["target_port": "9898", "status_code": "200", "le": "5.0"], 62),
            .init("response_latency_ms_bucket", ["target_port": "9898", "status_code": "200", "le": "50000.0"], 748),
            .init("response_latency_ms_bucket", ["target_port": "9898", "status_code": "200", "le": "+Inf"], 748),
            .init("response_latency_ms_sum", ["target_port": "9898", "status_code": "200"], 15_021),
            .init("inbound_http_statuses_total", ["status": "500", "parent_port": "9898"], 36),
            .init("process_start_time_seconds", 1_796_097_660.735),
        ])

    /// The proxy of the client of both, of the same run. One series comes twice, as in bodies of real proxies: the first counts.
    private static let linkerdOutbound = BodyFile(
        name: "linkerd-outbound.prom", samples: 109, series: 108, families: 19,
        types: [
            "response_total": "counter", "outbound_http_route_backend_requests": "counter",
            "outbound_http_balancer_endpoints": "gauge",
            "outbound_http_route_backend_response_duration_seconds": "histogram",
        ],
        values: [
            .init(
                "response_total",
                ["direction": "outbound", "dst_deployment": "podinfo", "status_code": "500", "dst_zone": ""], 36),
            .init("response_total", ["dst_deployment": "podinfo-primary", "status_code": "200"], 1_549),
            .init("outbound_http_route_backend_requests_total", ["backend_name": "podinfo"], 790),
            .init("outbound_http_route_backend_requests_total", ["backend_name": "podinfo-primary"], 1_561),
            .init("outbound_http_balancer_endpoints", ["endpoint_state": "ready", "backend_name": "podinfo"], 1),
            .init("outbound_http_balancer_endpoints", ["endpoint_state": "pending", "backend_name": "podinfo"], 0),
        ])

    /// Every type that OpenMetrics has, with units, exemplars, creation times and one time.
    private static let openMetrics = BodyFile(
        name: "openmetrics.txt", format: .openMetrics, samples: 25, series: 25, families: 8,
        types: [
            "checkout_orders": "counter", "checkout_duration_seconds": "histogram",
            "queue_age_seconds": "gaugehistogram", "payload_bytes": "summary", "service": "info", "lamp": "stateset",
            "room_celsius": "gauge", "backlog": "unknown",
        ],
        help: ["checkout_orders": "Orders that were placed.\nTwo lines of \"help\"."],
        units: [
            "checkout_duration_seconds": "seconds", "payload_bytes": "bytes", "room_celsius": "celsius", "lamp": "",
        ],
        values: [
            .init("checkout_orders_total", ["shop": "north", "currency": "EUR"], 17),
            .init("checkout_orders_created", ["shop": "north"], 1_788_253_200.5),
            .init("checkout_duration_seconds_bucket", ["le": "1.0"], 11),
            .init("checkout_duration_seconds_sum", 14.25),
            .init("queue_age_seconds_gsum", 400.5),
            .init("payload_bytes", ["quantile": "0.99"], 65_536),
            .init("payload_bytes_sum", 1e6),
            .init("service_info", ["version": "2.1.0", "commit": "9fceb02"], 1),
            .init("lamp", ["lamp": "amber"], 1),
            .init("room_celsius", ["room": "cellar"], -3.5, time: 1_788_253_258_000),
            .init("room_celsius", ["room": "attic"], .nan),
            .init("backlog", .infinity),
        ], exemplars: 4)

    /// Text 0.0.4 with every escape, blanks in odd spots, odd numbers and quoted names.
    private static let oddEscapes = BodyFile(
        name: "odd-escapes.prom", samples: 22, series: 22, families: 5,
        types: ["path_hits_total": "counter", "numbers": "unknown", "dotted.name": "counter", "empty_help": "gauge"],
        help: ["path_hits_total": "Back\\slash, line\nfeed, \"quotes\" as they are.", "empty_help": ""],
        values: [
            .init("path_hits_total", ["path": "C:\\temp\\new"], 1),
            .init("path_hits_total", ["path": "line\nfeed"], 2),
            .init("path_hits_total", ["path": "say \"hi\""], 3),
            .init("path_hits_total", ["path": "comma, brace} and = sign"], 4),
            .init("path_hits_total", ["path": "# TYPE not gauge"], 5),
            .init("path_hits_total", ["path": "käse 🧀"], 6),
            .init("path_hits_total", ["path": ""], 7),
            .init("path_hits_total", ["path": "\\\\\"\n"], 8),
            .init("spaced", ["a": "1", "b": "2"], 0.0025, time: 1_788_253_200_123),
            .init("spaced", ["a": "tab"], -0.0),
            .init("spaced", ["a": ""], 1),
            .init("spaced_bare", 0.25),
            .init("numbers", ["n": "plus"], 150),
            .init("numbers", ["n": "inf"], .infinity),
            .init("numbers", ["n": "minus"], -.infinity),
            .init("numbers", ["n": "nan"], .nan),
            .init("numbers", ["n": "small"], .leastNonzeroMagnitude),
            .init("numbers", ["n": "large"], .greatestFiniteMagnitude),
            .init("numbers", ["n": "integer"], 9_007_199_254_740_992),
            .init("empty_help", 12),
            .init("dotted.name", ["label with blanks": "v"], 9),
            .init("dotted.name", ["label with blanks": ""], 10),
        ])

    /// What a Go service shows: a summary, classic histograms whose bounds are written without a point.
    private static let classicHistograms = BodyFile(
        name: "app-classic-histograms.prom", samples: 24, series: 24, families: 6,
        types: [
            "go_gc_duration_seconds": "summary", "http_request_duration_seconds": "histogram",
            "http_requests_total": "counter", "version_info": "gauge",
        ],
        help: ["http_requests_total": "The total number of HTTP requests."],
        values: [
            .init("go_gc_duration_seconds", ["quantile": "0.0"], 2.51e-05),
            .init("go_gc_duration_seconds", ["quantile": "1.0"], 0.001204),
            .init("http_request_duration_seconds_bucket", ["method": "GET", "le": "0.05"], 1_180),
            .init("http_request_duration_seconds_bucket", ["method": "GET", "le": "1.0"], 1_200),
            .init("http_request_duration_seconds_bucket", ["method": "POST", "le": "+Inf"], 7),
            .init("http_request_duration_seconds_sum", ["status": "500"], 8.125),
            .init("http_requests_total", ["status": "200"], 1_200),
            .init("process_start_time_seconds", 1_788_253_193.42),
        ])

    /// Lines that nobody can read among good ones, and two series that come twice.
    private static let damaged = BodyFile(
        name: "damaged.prom", samples: 5, series: 3, badLines: [3, 4, 6, 7, 8], families: 1,
        types: ["good_total": "counter"],
        values: [
            .init("good_total", ["n": "1"], 1), .init("good_total", ["n": "4"], 4), .init("good_total", ["n": "8"], 8),
        ])
}
