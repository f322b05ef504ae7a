import Exposition
import Model
import Scrape
import Testing
import YAML

/// Builds nodes by hand, each at a place of its own.
private struct NodeBuilder {
    private var line = 0

    mutating func node(_ value: Any) -> Node {
        line += 1
        let place = SourceLocation(line: line, column: 1)
        if let pairs = value as? KeyValuePairs<String, Any> {
            let entries = pairs.map { key, value in
                line += 1
                return Node.Entry(key: key, keyLocation: SourceLocation(line: line, column: 3), value: node(value))
            }
            return Node(.mapping(entries), at: place)
        }
        if let items = value as? [Any] { return Node(.sequence(items.map { node($0) }), at: place) }
        if let text = value as? String { return Node(.scalar(Node.Scalar(text: text, isPlain: true)), at: place) }
        return Node(.scalar(Node.Scalar(text: "\(value)", isPlain: true)), at: place)
    }
}

private typealias Map = KeyValuePairs<String, Any>

@Suite("Prometheus's configuration file")
struct ConfigurationTests {
    private func decode(_ document: Map) -> (configuration: ScrapeConfiguration, problems: [ConfigurationProblem]) {
        var builder = NodeBuilder()
        return ScrapeConfiguration.decode(builder.node(document))
    }

    private func job(_ fields: Map) -> (job: ScrapeJob?, errors: [String]) {
        let (configuration, problems) = decode(["scrape_configs": [fields] as [Any]])
        return (configuration.jobs.first, problems.filter { $0.severity == .error }.map(\.message))
    }

    @Test("gives a job what global says and what Prometheus assumes")
    func defaults() {
        let (configuration, problems) = decode([
            "global": [
                "scrape_interval": "5s", "external_labels": ["cluster": "a"] as Map, "sample_limit": 10,
                "evaluation_interval": "1m",
            ] as Map,
            "scrape_configs": [
                ["job_name": "x"] as Map, ["job_name": "y", "scrape_interval": "30s", "sample_limit": 0] as Map,
            ],
            "rule_files": ["a.yml"],
        ])
        #expect(problems.map(\.severity) == [.warning, .warning])
        #expect(configuration.externalLabels == ["cluster": "a"])
        let jobs = configuration.jobs
        #expect(jobs.map(\.name) == ["x", "y"])
        #expect(jobs.map(\.interval) == [5000, 30_000])
        #expect(jobs.map(\.timeout) == [5000, 5000])
        #expect(jobs.map(\.limits.samples) == [10, 0])
        #expect(
            jobs.allSatisfy {
                $0.metricsPath == "/metrics" && $0.scheme == .http && $0.honorsTimestamps && !$0.honorsLabels
            })
        let plain = ScrapeConfiguration.decode(Node(.mapping([]), at: SourceLocation(line: 1, column: 1)))
        #expect(plain.problems.isEmpty && plain.configuration.jobs.isEmpty)
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
        let problems = decode(twice).problems
        #expect(problems.map(\.message) == ["found multiple scrape configs with job name \"x\""])
        #expect(problems.first?.location.line ?? 0 > 1)
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
}
