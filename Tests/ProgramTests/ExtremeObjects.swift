import TestSupport

/// Canaries, configurations and test files with extreme numbers in some of the fields that take one.
enum ExtremeObjects {
    private static func number(_ ordinary: String, _ random: inout SeededGenerator) -> String {
        ExtremeValues.mostly(ordinary, or: { ExtremeValues.json(&$0) }, &random)
    }

    private static func integer(_ ordinary: String, _ random: inout SeededGenerator) -> String {
        ExtremeValues.mostly(ordinary, or: { ExtremeValues.integer(&$0) }, &random)
    }

    private static func duration(_ ordinary: String, _ random: inout SeededGenerator) -> String {
        ExtremeValues.mostly(ordinary, or: { ExtremeValues.duration(&$0) }, &random)
    }

    private static func port(_ ordinary: String, _ random: inout SeededGenerator) -> String {
        ExtremeValues.mostly(ordinary, or: { $0.pick(ExtremeValues.ports) }, &random)
    }

    /// The fields of an analysis; a few of them are left out.
    private static func analysis(_ random: inout SeededGenerator) -> String {
        var fields: [String] = []
        for (key, ordinary) in [
            ("threshold", "3"), ("maxWeight", "50"), ("stepWeight", "10"), ("iterations", "0"),
            ("stepWeightPromotion", "20"),
            ("mirrorWeight", "100"), ("primaryReadyThreshold", "90"), ("canaryReadyThreshold", "100"),
        ] where random.chance(70) { fields.append("\"\(key)\": \(integer(ordinary, &random))") }
        if random.chance(20) {
            let weights = (0..<3).map { integer("\($0 * 20)", &random) }
            fields.append("\"stepWeights\": [\(weights.joined(separator: ", "))]")
        }
        fields.append("\"interval\": \"\(duration("10s", &random))\"")
        if random.chance(30) {
            let hook = "\"name\": \"h\", \"url\": \"http://127.0.0.1:\(port("9", &random))\""
            fields.append(
                "\"webhooks\": [{\(hook), \"timeout\": \"\(duration("5s", &random))\", "
                    + "\"retries\": \(integer("1", &random))}]")
        }
        if random.chance(20) {
            fields.append("\"sessionAffinity\": {\"cookieName\": \"c\", \"maxAge\": \(integer("60", &random))}")
        }
        let metrics = ["request-success-rate", "request-duration", "t"].map { name in
            var parts = ["\"name\": \"\(name)\"", "\"interval\": \"\(duration("1m", &random))\""]
            if random.chance(70) {
                parts.append(
                    "\"thresholdRange\": {\"min\": \(number("1", &random)), \"max\": \(number("99", &random))}")
            } else {
                parts.append("\"threshold\": \(number("50", &random))")
            }
            if name == "t" { parts.append("\"templateRef\": {\"name\": \"t\"}") }
            return "{\(parts.joined(separator: ", "))}"
        }
        fields.append("\"metrics\": [\(metrics.joined(separator: ", "))]")
        return fields.joined(separator: ", ")
    }

    static func canary(_ random: inout SeededGenerator) -> String {
        var notes: [String] = []
        for (key, value) in [
            ("minimum-requests", number("1", &random)),
            ("sequential.request-success-rate", "healthy=\(number("0.1", &random))%, misses=1e-320%"),
            ("compare.request-duration", "ratio <= \(number("2", &random))"), ("query-address", "honour"),
        ] where random.chance(30) { notes.append("\"haldane.dev/\(key)\": \"\(value.filter { $0 != "\"" })\"") }
        let deadline =
            random.chance(30) ? "\"progressDeadlineSeconds\": \(integer("60", &random)), " : ""
        return """
            {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "p", "namespace": "test",
            "annotations": {\(notes.joined(separator: ", "))}}, "spec": {\(deadline)"targetRef": {"apiVersion": "apps/v1",
            "kind": "Deployment", "name": "p"}, "service": {"port": \(integer("80", &random))},
            "analysis": {\(analysis(&random))}}}
            """
    }

    static func template(_ random: inout SeededGenerator) -> String {
        // A query that takes long would only wait.
        let query = [
            "sum(up)", "vector(\(ExtremeValues.number(&random)))", "sum(rate(up[{{ interval }}]))", "up @ 9e15",
        ]
        let hosts = ["http://127.0.0.1:", "https://127.0.0.1:", "http://[::1]:", "http://[]:", "http://:"]
        let host = ExtremeValues.mostly("http://127.0.0.1:", or: { $0.pick(hosts) }, &random)
        return """
            {"apiVersion": "flagger.app/v1beta1", "kind": "MetricTemplate", "metadata": {"name": "t", "namespace": "test"},
            "spec": {"provider": {"type": "prometheus", "address": "\(host)\(port("9", &random))"},
            "query": "\(random.pick(query))"}}
            """
    }

    /// The body of an evaluation, or of a registration, which has no time.
    static func evaluation(_ random: inout SeededGenerator, isKept: Bool) -> String {
        var parts = ["\"canary\": \(canary(&random))", "\"templates\": [\(template(&random))]"]
        for key in ["time", "stepStart"] where !isKept && random.chance(40) {
            let ordinary = random.pick(["1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00+23:59"])
            let isText = random.chance(50)
            let text = isText ? "\"\(ordinary)\"" : random.pick(["9e12", "-9e12", "0", "-1e-320", "8999999999999.999"])
            parts.append("\"\(key)\": \(ExtremeValues.mostly(text, or: { ExtremeValues.json(&$0) }, &random))")
        }
        return "{\(parts.joined(separator: ", "))}"
    }

    /// The same objects as a file of documents.
    static func file(_ random: inout SeededGenerator) -> String {
        canary(&random) + "\n---\n" + template(&random) + "\n"
    }

    static func configuration(_ random: inout SeededGenerator, port known: Int) -> String {
        var lines = ["global:", "  scrape_interval: \(duration("1s", &random))", "scrape_configs:", "- job_name: j"]
        let keys = [
            "sample_limit", "label_limit", "label_name_length_limit", "label_value_length_limit", "target_limit",
            "keep_dropped_targets",
        ]
        for key in keys where random.chance(30) { lines.append("  \(key): \(integer("9223372036854775807", &random))") }
        if random.chance(50) {
            let size = ExtremeValues.mostly("4194303TB", or: { $0.pick(ExtremeValues.sizes) }, &random)
            lines.append("  body_size_limit: \(size)")
        }
        if random.chance(50) { lines.append("  scrape_interval: \(ExtremeValues.duration(&random))") }
        if random.chance(20) { lines.append("  scrape_timeout: \(duration("1ms", &random))") }
        if random.chance(30) {
            let modulus = integer("9223372036854775807", &random)
            lines.append("  metric_relabel_configs:")
            lines.append("  - {action: hashmod, source_labels: [__name__], target_label: b, modulus: \(modulus)}")
        }
        if random.chance(30) {
            let url = "http://127.0.0.1:\(port("\(known)", &random))/sd"
            lines.append("  http_sd_configs: [{url: '\(url)', refresh_interval: \(ExtremeValues.duration(&random))}]")
        }
        lines.append("  static_configs:")
        lines.append("  - targets: ['127.0.0.1:\(port("\(known)", &random))']")
        if random.chance(50) { lines.append("    labels: {__scrape_interval__: '\(ExtremeValues.duration(&random))'}") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A script in Prometheus's test language.
    static func script(_ random: inout SeededGenerator) -> String {
        let histogram =
            "{{schema:\(integer("0", &random)) sum:1 count:4 z_bucket:1 z_bucket_w:\(number("0.1", &random).filter { $0 != "\"" }) "
            + "offset:\(integer("2147483647", &random)) buckets:[1 2] n_offset:-2147483648 n_buckets:[1]}}"
        return """
            load \(ExtremeValues.duration(&random))
              up \(ExtremeValues.number(&random))+1x\(random.pick(["1", "10", "999"]))
              h \(random.chance(50) ? "\(histogram)+{{schema:0 sum:1 count:1 buckets:[1]}}x3" : histogram)

            eval instant at \(ExtremeValues.duration(&random)) \(ExtremeValues.query(&random))
              {} 1

            eval range from 0 to \(ExtremeValues.duration(&random)) step \(ExtremeValues.duration(&random)) sum(h) + up
              {} 1

            """
    }

    /// A unit test of a Canary.
    static func unitTest(_ random: inout SeededGenerator) -> String {
        """
        objects:
        - \(canary(&random).split(separator: "\n").joined(separator: " "))
        - \(template(&random).split(separator: "\n").joined(separator: " "))
        tests:
        - interval: \(ExtremeValues.duration(&random))
          input_series:
          - series: up
            values: '\(ExtremeValues.number(&random))+1x1000'
          analysis_test:
          - eval_time: \(ExtremeValues.duration(&random))
            verdict: pass
            checks: [{metric: t, value: \(number("1", &random))}]

        """
    }
}
