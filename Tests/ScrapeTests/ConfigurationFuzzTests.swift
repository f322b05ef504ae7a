import Documents
import Scrape
import TestSupport
import Testing

@Suite("Scrape configuration under random input (Fuzz)")
struct ConfigurationFuzzTests {
    private static let document = """
        global: {scrape_interval: 10s, scrape_timeout: 5s, external_labels: {cluster: a}}
        scrape_configs:
        - job_name: linkerd-proxy
          scrape_interval: 1s
          metrics_path: /metrics
          scheme: https
          params: {a: ["1", "2"]}
          honor_labels: true
          body_size_limit: 10MB
          sample_limit: 100
          authorization: {type: Bearer, credentials: x}
          tls_config: {insecure_skip_verify: true}
          static_configs:
          - targets: ["a:1", "[::1]:4191"]
            labels: {env: x}
          file_sd_configs: [{files: ["*.json"], refresh_interval: 5m}]
          relabel_configs:
          - {source_labels: [a, b], regex: "x(.*)", target_label: c, replacement: "$1-${2}", action: replace}
          - {action: hashmod, source_labels: [a], modulus: 3, target_label: d}
          metric_relabel_configs: [{action: labeldrop, regex: "p.*"}]
        """
    private static let pieces = [
        "99999999999999999999", "-1", "1e9", "0s", "290y", "1000000y", "(", "[", "{", "~", "null", "$", "${", "$99",
        "\\", "*a",
        "regex: '(a+)+'", "modulus: 0", "action: keep", "targets: [a, a]", "true", "\"\"", "é", "10EB", "http://", ":",
    ]

    @Test("Fuzz: no document makes decoding trap, and each problem has words")
    func configuration() async throws {
        let report = try await FuzzBudget(executions: 600).run("scrape configuration") { random, seed in
            let bytes = random.mutated(Array(Self.document.utf8), changes: 8, pieces: Self.pieces)
            guard let documents = try? YAMLReader.documents(String(decoding: bytes, as: UTF8.self)) else { return }
            for document in documents {
                let (_, findings) = ScrapeConfiguration.decode(document)
                for finding in findings where finding.message.isEmpty { Issue.record("seed \(seed): an empty finding") }
            }
        }
        #expect(report.slowest < 20, "seed \(report.slowestSeed)")
    }
}
