import Documents
import Model

/// `spec.analysis` without its lists.
extension CanaryDecoder {
    private static let leastInterval: Milliseconds = 10_000

    func analysis(_ spec: inout ObjectReader, namespace: String) -> CanaryAnalysis? {
        let found = collector.optional { () throws(YAMLError) in try spec.object("analysis") }
        guard var reader = found else {
            if !collector.hasErrors {
                let message = "is missing: there is nothing to judge, and new revisions are promoted without a check"
                collector.add(spec.invalid("analysis", message), severity: .warning)
            }
            return nil
        }
        var analysis = CanaryAnalysis()
        analysis.interval = interval(&reader)
        checkStrategy(&reader)
        let threshold = number("threshold", in: &reader, default: 1)
        analysis.threshold = threshold <= 0 ? 1 : threshold
        analysis.iterations = number("iterations", in: &reader, default: 0)
        let maxWeight = number("maxWeight", in: &reader, default: 0)
        analysis.maxWeight = maxWeight == 0 ? 100 : maxWeight
        analysis.stepWeight = number("stepWeight", in: &reader, default: 0)
        analysis.stepWeights = stepWeights(&reader)
        analysis.stepWeightPromotion = number("stepWeightPromotion", in: &reader, default: 0)
        analysis.mirror = flag("mirror", in: &reader)
        analysis.primaryReadyThreshold = number("primaryReadyThreshold", in: &reader, default: 100)
        analysis.canaryReadyThreshold = number("canaryReadyThreshold", in: &reader, default: 100)
        analysis.match = list("match", in: &reader).compactMap { matchCondition($0.node, $0.path) }
        analysis.metrics = list("metrics", in: &reader).compactMap { metric($0.node, $0.path, namespace: namespace) }
        analysis.webhooks = list("webhooks", in: &reader).compactMap { webhook($0.node, $0.path) }
        analysis.alerts = list("alerts", in: &reader).compactMap { alert($0.node, $0.path, namespace: namespace) }
        analysis.sessionAffinity = sessionAffinity(&reader)
        analysis.mirrorWeight = number("mirrorWeight", in: &reader, default: 100)
        collector.refuseUnknown(reader)
        return analysis
    }

    private func list(_ key: String, in reader: inout ObjectReader) -> [(node: Node, path: NodePath)] {
        collector.attempt { () throws(YAMLError) in try reader.elements(key) } ?? []
    }

    /// The ladder, with weights that are no per cents brought to the nearest that is, as Flagger does with the last one.
    private func stepWeights(_ reader: inout ObjectReader) -> [Int] {
        list("stepWeights", in: &reader).compactMap { element in
            collector.attempt { () throws(YAMLError) -> Int in
                let weight = try element.node.int(at: element.path)
                let nearest = min(max(weight, 0), 100)
                if nearest != weight {
                    let message =
                        "\(weight) is no share of the traffic: wanted per cents from 0 to 100; \(nearest) is used"
                    collector.add(
                        .invalidValue(path: element.path, message: message, at: element.node.location),
                        severity: .warning)
                }
                return nearest
            }
        }
    }

    /// Empty and unparsable mean a minute, less than ten seconds means ten, as with Flagger.
    private func interval(_ reader: inout ObjectReader) -> Milliseconds {
        let text = collector.optional { () throws(YAMLError) in try reader.intervalText("interval") }
        guard let text else { return 60_000 }
        guard let interval = GoDuration.parse(text) else {
            let message =
                "Flagger can't read \"\(text)\" and takes 60s without a word: write \(IntervalText.cure(text))"
            collector.add(reader.invalid("interval", message), severity: .warning)
            return 60_000
        }
        if interval < Self.leastInterval {
            let message = "\(text) is below the minimum; 10s is used"
            collector.add(reader.invalid("interval", message), severity: .warning)
        }
        return max(interval, Self.leastInterval)
    }

    /// The schema wants exactly one of three sets of keys.
    private func checkStrategy(_ reader: inout ObjectReader) {
        let strategies = ["iterations", "stepWeight", "stepWeights"].filter { reader.node($0) != nil }
        for key in ["interval", "threshold"] where reader.node(key) == nil {
            let message = "is missing: the API server refuses an analysis without it"
            collector.add(reader.invalid(key, message), severity: .warning)
        }
        if strategies.count != 1 {
            let found = strategies.isEmpty ? "none" : strategies.joined(separator: " and ")
            let message =
                "wanted exactly one of iterations, stepWeight and stepWeights, found \(found): "
                + "the API server refuses this analysis"
            collector.add(.invalidValue(path: reader.path, message: message, at: reader.location), severity: .warning)
        }
    }
}
