import Documents
import Exposition
import Model
import Scrape
import Testing

/// Builds nodes by hand, each at a location of its own.
private struct NodeBuilder {
    private var line = 0

    mutating func node(_ value: Any) -> Node {
        line += 1
        let location = SourceLocation(line: line, column: 1)
        if let pairs = value as? KeyValuePairs<String, Any> {
            let entries = pairs.map { key, value in
                line += 1
                return Node.Entry(key: key, keyLocation: SourceLocation(line: line, column: 3), value: node(value))
            }
            return Node(.mapping(entries), at: location)
        }
        if let items = value as? [Any] { return Node(.sequence(items.map { node($0) }), at: location) }
        if let text = value as? String { return Node(.scalar(Node.Scalar(text: text, isPlain: true)), at: location) }
        return Node(.scalar(Node.Scalar(text: "\(value)", isPlain: true)), at: location)
    }
}

private typealias Map = KeyValuePairs<String, Any>

@Suite("Prometheus's configuration file")
struct ConfigurationTests {
    private func decode(_ document: Map) -> (configuration: ScrapeConfiguration, findings: [Finding]) {
        var builder = NodeBuilder()
        return ScrapeConfiguration.decode(builder.node(document))
    }

    private func job(_ fields: Map) -> (job: ScrapeJob?, errors: [String]) {
        let (configuration, findings) = decode(["scrape_configs": [fields] as [Any]])
        return (configuration.jobs.first, findings.filter { $0.severity == .error }.map(\.message))
    }

    @Test("gives a job what global says and what Prometheus assumes")
    func defaults() {
        let (configuration, findings) = decode([
            "global": [
                "scrape_interval": "5s", "external_labels": ["cluster": "a"] as Map, "sample_limit": 10,
                "evaluation_interval": "1m",
            ] as Map,
            "scrape_configs": [
                ["job_name": "x"] as Map, ["job_name": "y", "scrape_interval": "30s", "sample_limit": 0] as Map,
            ],
            "rule_files": ["a.yml"],
        ])
        #expect(findings.map(\.severity) == [.warning, .warning])
        #expect(configuration.externalLabels == ["cluster": "a"])
        let jobs = configuration.jobs
        #expect(jobs.map(\.name) == ["x", "y"])
        #expect(jobs.map(\.interval) == [5000, 30_000])
        #expect(jobs.map(\.timeout) == [5000, 5000])
        #expect(jobs.map(\.limits.samples) == [10, 10])
        #expect(
            jobs.allSatisfy {
                $0.metricsPath == "/metrics" && $0.scheme == .http && $0.honorsTimestamps && !$0.honorsLabels
            })
        let plain = ScrapeConfiguration.decode(Node(.mapping([]), at: SourceLocation(line: 1, column: 1)))
        #expect(plain.findings.isEmpty && plain.configuration.jobs.isEmpty)
    }

    @Test("decodes every key that is used")
    func everything() throws {
        let (job, errors) = job([
            "job_name": "linkerd-proxy", "scrape_interval": "10s", "scrape_timeout": "2s", "metrics_path": "/m",
            "scheme": "https", "params": ["a": ["1", "2"]] as Map, "honor_labels": "true", "honor_timestamps": "false",
            "enable_compression": "no", "follow_redirects": "false", "body_size_limit": "10MB", "target_limit": 5,
            "label_limit": 6, "label_name_length_limit": 7, "label_value_length_limit": 8,
            "scrape_protocols": ["PrometheusText0.0.4"], "fallback_scrape_protocol": "PrometheusText0.0.4",
            "authorization": ["credentials": "token"] as Map, "tls_config": ["insecure_skip_verify": "true"] as Map,
            "http_headers": ["X-Tenant": ["values": ["t"]] as Map] as Map,
            "static_configs": [["targets": ["a:1", "b:2"], "labels": ["env": "x"] as Map] as Map],
            "relabel_configs": [
                ["source_labels": ["a", "b"], "regex": "x(.*)", "target_label": "c", "replacement": "$1"] as Map
            ],
            "metric_relabel_configs": [["action": "LabelDrop", "regex": "secret"] as Map],
        ])
        #expect(errors.isEmpty)
        let found = try #require(job)
        #expect(found.timeout == 2000 && found.scheme == .https && found.honorsLabels && !found.honorsTimestamps)
        #expect(!found.compresses && !found.followsRedirects)
        #expect(found.parameters == ["a": ["1", "2"]])
        #expect(found.limits.bodyBytes == 10 << 20)
        #expect(
            [found.limits.targets, found.limits.labels, found.limits.labelNameBytes, found.limits.labelValueBytes] == [
                5, 6, 7, 8,
            ])
        #expect(found.authorization == .scheme("Bearer", .text("token")))
        #expect(found.headers.map(\.name) == ["X-Tenant"])
        #expect(found.staticConfigs == [TargetGroup(addresses: ["a:1", "b:2"], labels: ["env": "x"], source: "0")])
        #expect(try found.relabelRules == [RelabelRule(sourceLabels: ["a", "b"], pattern: "x(.*)", targetLabel: "c")])
        #expect(try found.metricRelabelRules == [RelabelRule(.labeldrop, pattern: "secret")])
        #expect(found.protocols == [.text0] && found.fallbackFormat == .text)
    }

    static let wrong: [(key: String, value: any Sendable, message: String)] = [
        ("scrape_intervall", "5s", "did you mean scrape_interval?"), ("frobnicate", "1", "unknown key \"frobnicate\""),
        ("kubernetes_sd_configs", "x", "kubernetes_sd_configs is not supported yet"),
        ("file_sd_configs", [["files": "x"]] as [[String: String]], "must be a mapping"),
        ("oauth2", "x", "oauth2 is not supported yet"), ("scrape_interval", "soon", "not a valid duration string"),
        ("scrape_timeout", "2m", "scrape timeout greater than scrape interval"), ("scheme", "ftp", "http or https"),
        ("honor_labels", "perhaps", "must be true or false"), ("sample_limit", "-1", "whole number"),
        ("body_size_limit", "many", "must be a size"), ("static_configs", "x", "must be a list"),
        ("static_configs", [["targets": "a"]] as [[String: String]], "a static config must be a mapping"),
        ("scrape_protocols", ["Smoke"], "unknown scrape protocol"), ("params", "x", "must be a mapping"),
        ("basic_auth", "x", "basic_auth must be a mapping"),
        ("proxy_url", "http://p:3128", "proxy_url is not supported yet"),
        ("proxy_from_environment", "true", "proxy_from_environment is not supported yet"),
        ("scrape_classic_histograms", "true", "unknown key"),
    ]

    @Test("says what is wrong, and where", arguments: wrong.indices)
    func errors(index: Int) {
        let (key, value, message) = Self.wrong[index]
        let errors = job(["job_name": "x", key: value]).errors
        #expect(errors.contains { $0.contains(message) }, "\(errors)")
    }

    @Test("refuses rules and names that can't work")
    func rules() {
        #expect(job(["metrics_path": "/"]).errors == ["job_name is empty"])
        let rule: Map = ["action": "hashmod", "target_label": "x"]
        #expect(job(["job_name": "x", "relabel_configs": [rule] as [Any]]).errors.count == 1)
        let broken: Map = ["regex": "(", "target_label": "x"]
        #expect(
            job(["job_name": "x", "relabel_configs": [broken] as [Any]]).errors.first?.contains("error parsing regexp")
                == true)
        let unknown: Map = ["action": "explode"]
        #expect(
            job(["job_name": "x", "relabel_configs": [unknown] as [Any]]).errors.first?.contains(
                "unknown relabel action") == true)
        let twice: Map = ["scrape_configs": [["job_name": "x"] as Map, ["job_name": "x"] as Map] as [Any]]
        let findings = decode(twice).findings
        #expect(findings.map(\.message) == ["found multiple scrape configs with job name \"x\""])
        #expect(findings.first?.location?.line ?? 0 > 1)
    }

    @Test("a key of a rule without a value is the empty text, as Prometheus has it")
    func emptyRuleKeys() throws {
        func rule(_ fields: Map) -> (rule: RelabelRule?, errors: [String]) {
            let (found, errors) = job(["job_name": "x", "relabel_configs": [fields] as [Any]])
            return (found?.relabelRules.first, errors)
        }
        #expect(
            try rule(["target_label": "a", "replacement": ""]).rule == RelabelRule(targetLabel: "a", replacement: ""))
        #expect(
            try rule(["source_labels": ["b"], "target_label": "a", "separator": ""]).rule
                == RelabelRule(sourceLabels: ["b"], separator: "", targetLabel: "a"))
        #expect(try rule(["target_label": "a", "regex": ""]).rule == RelabelRule(pattern: "", targetLabel: "a"))
        #expect(rule(["target_label": ""]).errors.first?.contains("requires 'target_label' value") == true)
        #expect(rule(["target_label": "a", "action": ""]).errors.first?.contains("relabel action") == true)
        #expect(
            try rule(["target_label": "a", "source_labels": "", "modulus": ""]).rule == RelabelRule(targetLabel: "a"))
    }

    @Test("an empty target is an error") func emptyTarget() {
        let targets: Map = ["targets": [""] as [Any]]
        #expect(job(["job_name": "x", "static_configs": [targets] as [Any]]).errors.count == 1)
    }

    @Test("reads paths of target files")
    func targetFiles() {
        let good: Map = ["files": ["/a/b*.json", "c.yml"], "refresh_interval": "1m"]
        #expect(
            job(["job_name": "x", "file_sd_configs": [good] as [Any]]).job?.targetFiles == ["/a/b*.json", "c.yml"])
        for path in ["/a/*/b.json", "/a/b*c*.json", "/a/b.txt"] {
            let bad: Map = ["files": [path]]
            #expect(job(["job_name": "x", "file_sd_configs": [bad] as [Any]]).errors.count == 1, "\(path)")
        }
    }

    @Test("refuses two ways to show who one is")
    func authorization() {
        let basic: Map = ["username": "u", "password": "p"]
        #expect(
            job(["job_name": "x", "basic_auth": basic]).job?.authorization
                == .basic(username: .text("u"), password: .text("p")))
        #expect(job(["job_name": "x", "bearer_token_file": "/t"]).job?.authorization == .scheme("Bearer", .file("/t")))
        #expect(
            job(["job_name": "x", "basic_auth": basic, "bearer_token": "t"]).errors.first?.contains("at most one of")
                == true)
    }

    @Test("reads TLS settings, and refuses those that can't work")
    func tls() {
        let good: Map = [
            "ca_file": "ca.pem", "cert": "C", "key_file": "/k.pem", "server_name": "web", "min_version": "TLS13",
        ]
        var wanted = ScrapeTLS()
        wanted.authorities = .file("ca.pem")
        wanted.certificate = .text("C")
        wanted.key = .file("/k.pem")
        wanted.serverName = "web"
        wanted.minimumVersion = .tls13
        #expect(job(["job_name": "x", "tls_config": good]).job?.tls == wanted)
        let wrong: [(Map, String)] = [
            (["min_version": "SSL3"], "unknown TLS version \"SSL3\" in min_version"),
            (["min_version": "TLS13", "max_version": "TLS12"], "max_version TLS12 is older than min_version TLS13"),
            (["cert_file": "c"], "exactly one of key or key_file"), (["key": "k"], "exactly one of cert or cert_file"),
            (["ca": "c", "ca_file": "c"], "at most one of ca & ca_file"),
            (["server_name": "10.0.0.1"], "must be a host name"), (["ca_ref": "c"], "ca_ref is not supported yet"),
            (["insecure": "true"], "unknown key \"insecure\" in tls_config"),
        ]
        for (fields, message) in wrong {
            let errors = job(["job_name": "x", "tls_config": fields]).errors
            #expect(errors.count == 1 && errors[0].contains(message), "\(errors)")
        }
    }

    @Test("takes over what global says unless the job says more")
    func inherited() {
        let (configuration, findings) = decode([
            "global": ["extra_scrape_metrics": "true", "keep_dropped_targets": 3, "label_limit": 9] as Map,
            "scrape_configs": [
                ["job_name": "x"] as Map,
                [
                    "job_name": "y", "extra_scrape_metrics": "false", "keep_dropped_targets": 1, "label_limit": 4,
                    "track_timestamps_staleness": "true",
                ] as Map,
            ],
        ])
        #expect(findings.isEmpty)
        #expect(configuration.jobs.map(\.storesExtraMetrics) == [true, false])
        #expect(configuration.jobs.map(\.keptDroppedTargets) == [3, 1])
        #expect(configuration.jobs.map(\.limits.labels) == [9, 4])
        #expect(configuration.jobs.map(\.tracksTimestamps) == [false, true])
    }

    @Test("targets with credentials are refused without repeating them; a port that is none is told")
    func addresses() {
        func findings(_ address: String) -> [Finding] {
            let targets: Map = ["targets": [address]]
            return decode(["scrape_configs": [["job_name": "x", "static_configs": [targets] as [Any]] as Map] as [Any]])
                .findings
        }
        for address in ["user:PW@h:1", "@h", "a@b@h:1"] {
            let found = findings(address)
            #expect(found.map(\.severity) == [.error], "\(found)")
            #expect(found.allSatisfy { $0.message.contains("not a valid hostname") && !$0.message.contains("PW") })
        }
        for address in ["h:99999", "h:0", "h:x", "[::1]:99999"] {
            let found = findings(address)
            #expect(found.map(\.severity) == [.warning], "\(found)")
            #expect(found.allSatisfy { $0.message.contains("is not scraped") })
        }
        #expect(findings("h:65535").isEmpty && findings("h").isEmpty)
    }

    @Test("credentials with a line break are refused without repeating them")
    func brokenCredentials() {
        let settings: [Map] = [
            ["job_name": "x", "bearer_token": "PW\r\nX: y"],
            ["job_name": "x", "authorization": ["credentials": "PW\n"] as Map],
            ["job_name": "x", "authorization": ["type": "PW\u{7f}", "credentials": "t"] as Map],
        ]
        for setting in settings {
            let errors = job(setting).errors
            #expect(
                errors.count == 1 && errors.allSatisfy { $0.contains("line break") && !$0.contains("PW") }, "\(errors)")
        }
    }

    @Test("reads servers that list targets")
    func targetServers() throws {
        let good: Map = [
            "url": "https://sd:8443/targets?x=1", "refresh_interval": "5s", "bearer_token": "t",
            "tls_config": ["insecure_skip_verify": "true"] as Map,
        ]
        let server = try #require(job(["job_name": "x", "http_sd_configs": [good] as [Any]]).job?.targetServers.first)
        #expect(server.url == TargetURL(scheme: .https, address: "sd:8443", pathAndQuery: "/targets?x=1"))
        #expect(server.interval == 5000 && server.authorization == .scheme("Bearer", .text("t")))
        #expect(server.tls.skipsVerification)
        for url in ["", "sd:80", "ftp://sd/", "http://", "http://u@sd/", "http://sd:99999/"] {
            let errors = job(["job_name": "x", "http_sd_configs": [["url": url] as Map] as [Any]]).errors
            #expect(errors.count == 1, "\(url): \(errors)")
        }
    }

    @Test("lets rules make an address of any target, and only them")
    func anyTarget() {
        let targets: Map = ["targets": ["https://example.com/x"]]
        #expect(job(["job_name": "x", "static_configs": [targets] as [Any]]).errors.count == 1)
        let rule: Map = ["source_labels": ["__address__"], "target_label": "__param_target"]
        let ruled: Map = [
            "job_name": "x", "static_configs": [targets] as [Any], "relabel_configs": [rule] as [Any],
        ]
        #expect(job(ruled).errors.isEmpty)
    }

    @Test("relative paths begin where the file lies")
    func folder() {
        var builder = NodeBuilder()
        let fields: Map = [
            "job_name": "x", "bearer_token_file": "token", "tls_config": ["ca_file": "tls/ca.pem"] as Map,
            "file_sd_configs": [["files": ["a.json", "/b.json"]] as Map] as [Any],
            "http_headers": ["X-A": ["files": ["h"], "values": ["v"]] as Map] as Map,
        ]
        let document: Map = ["scrape_configs": [fields] as [Any]]
        let (configuration, findings) = ScrapeConfiguration.decode(builder.node(document), folder: "/etc/p")
        #expect(findings.isEmpty, "\(findings)")
        let job = configuration.jobs.first
        #expect(job?.authorization == .scheme("Bearer", .file("/etc/p/token")))
        #expect(job?.tls.authorities == .file("/etc/p/tls/ca.pem"))
        #expect(job?.targetFiles == ["/etc/p/a.json", "/b.json"])
        #expect(job?.headers.map(\.value) == [.text("v"), .file("/etc/p/h")])
        let reserved: Map = ["job_name": "x", "http_headers": ["Host": ["values": ["v"]] as Map] as Map]
        #expect(self.job(reserved).errors == ["setting header \"Host\" is not allowed"])
    }

    /// Every key that Prometheus 3 knows, and what becomes of it here.
    static let jobKeys: [(fate: String, keys: String)] = [
        (
            "used",
            """
            job_name honor_labels honor_timestamps track_timestamps_staleness params scrape_interval scrape_timeout \
            scrape_protocols fallback_scrape_protocol extra_scrape_metrics metrics_path scheme enable_compression \
            body_size_limit sample_limit target_limit label_limit label_name_length_limit label_value_length_limit \
            keep_dropped_targets relabel_configs metric_relabel_configs static_configs file_sd_configs \
            http_sd_configs basic_auth authorization bearer_token bearer_token_file tls_config follow_redirects \
            http_headers proxy_from_environment
            """
        ),
        (
            "has no effect here",
            """
            scrape_native_histograms always_scrape_classic_histograms convert_classic_histograms_to_nhcb \
            scrape_failure_log_file native_histogram_bucket_limit native_histogram_min_bucket_factor \
            metric_name_validation_scheme metric_name_escaping_scheme enable_http2 no_proxy proxy_connect_header
            """
        ),
        (
            "is not supported yet",
            """
            oauth2 proxy_url kubernetes_sd_configs consul_sd_configs dns_sd_configs ec2_sd_configs \
            azure_sd_configs gce_sd_configs docker_sd_configs eureka_sd_configs nomad_sd_configs
            """
        ),
    ]

    @Test("knows every key of a job that Prometheus knows", arguments: jobKeys.indices)
    func everyKey(index: Int) {
        let (fate, keys) = Self.jobKeys[index]
        for key in keys.split(separator: " ").map(String.init) {
            var builder = NodeBuilder()
            let entry = Node.Entry(
                key: key, keyLocation: SourceLocation(line: 7, column: 3), value: builder.node("null"))
            let job = Node(.mapping([entry]), at: SourceLocation(line: 7, column: 1))
            let list = Node(.sequence([job]), at: SourceLocation(line: 6, column: 1))
            let document = Node.Entry(
                key: "scrape_configs", keyLocation: SourceLocation(line: 6, column: 1), value: list)
            let findings = ScrapeConfiguration.decode(
                Node(.mapping([document]), at: SourceLocation(line: 1, column: 1))
            ).findings.filter { $0.message != "job_name is empty" }
            if fate == "used" {
                #expect(findings.isEmpty, "\(key): \(findings)")
            } else {
                #expect(findings.map(\.message) == ["\(key) \(fate)"])
                #expect(findings.first?.severity == (fate == "has no effect here" ? .warning : .error))
                #expect(findings.first?.location == SourceLocation(line: 7, column: 3))
            }
        }
    }
}
