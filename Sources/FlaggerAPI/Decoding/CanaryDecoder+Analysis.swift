import Documents
import Model

/// `spec.analysis` without its lists.
extension CanaryDecoder {
    private static let leastInterval: Milliseconds = 10_000
    private static let headerPatterns = ["exact", "prefix", "suffix", "regex"]
    private static let parameterPatterns = ["exact", "prefix", "regex"]

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
        let conditions = list("match", in: &reader)
        for condition in conditions { checkMatch(condition.node, condition.path) }
        analysis.matchCount = conditions.count
        analysis.metrics = list("metrics", in: &reader).compactMap { metric($0.node, $0.path, namespace: namespace) }
        analysis.webhooks = list("webhooks", in: &reader).compactMap { webhook($0.node, $0.path) }
        analysis.alerts = list("alerts", in: &reader).compactMap { alert($0.node, $0.path, namespace: namespace) }
        analysis.hasSessionAffinity = checkSessionAffinity(&reader)
        _ = number("mirrorWeight", in: &reader, default: 100)
        collector.refuseUnknown(reader)
        return analysis
    }

    private func list(_ key: String, in reader: inout ObjectReader) -> [(node: Node, path: NodePath)] {
        collector.attempt { () throws(YAMLError) in try reader.elements(key) } ?? []
    }

    private func stepWeights(_ reader: inout ObjectReader) -> [Int] {
        list("stepWeights", in: &reader).compactMap { element in
            collector.attempt { () throws(YAMLError) in try element.node.int(at: element.path) }
        }
    }

    /// Empty and unparsable mean a minute, less than ten seconds means ten, as with Flagger.
    private func interval(_ reader: inout ObjectReader) -> Milliseconds {
        let text = collector.optional { () throws(YAMLError) in try reader.intervalText("interval") }
        guard let text, let interval = GoDuration.parse(text) else { return 60_000 }
        if interval < Self.leastInterval {
            let message = "\(text) is below the minimum; 10s is used"
            collector.add(reader.invalid("interval", message), severity: .warning)
        }
        return max(interval, Self.leastInterval)
    }

    /// Whether it is there. Nothing of it decides a verdict, but Flagger refuses these two faults.
    private func checkSessionAffinity(_ analysis: inout ObjectReader) -> Bool {
        var isThere = false
        collector.attempt { () throws(YAMLError) in
            guard var reader = try analysis.object("sessionAffinity") else { return }
            isThere = true
            let cookie = try reader.requiredString("cookieName")
            if try reader.string("primaryCookieName") == cookie {
                throw reader.invalid("primaryCookieName", "must differ from cookieName")
            }
            _ = try reader.int("maxAge")
            _ = try reader.choice("sameSite", ["Strict", "Lax", "None"])
            for key in ["domain", "path"] { _ = try reader.string(key) }
            for key in ["httpOnly", "secure", "partitioned"] { _ = try reader.bool(key) }
            collector.refuseUnknown(reader)
        }
        return isThere
    }

    /// One A/B condition. Which of these a router can express is the router's matter.
    private func checkMatch(_ node: Node, _ path: NodePath) {
        collector.attempt { () throws(YAMLError) in
            var reader = try ObjectReader(node, path: path)
            for (key, kinds) in [("headers", Self.headerPatterns), ("queryParams", Self.parameterPatterns)] {
                guard let values = reader.node(key) else { continue }
                let place = path.key(key)
                for entry in try values.entries(at: place) {
                    try checkPattern(entry.value, kinds, place.key(entry.key))
                }
            }
            _ = try reader.stringMap("sourceLabels")
            collector.refuseUnknown(reader)
        }
    }

    private func checkPattern(_ node: Node, _ kinds: [String], _ path: NodePath) throws(YAMLError) {
        var reader = try ObjectReader(node, path: path)
        var found: [String] = []
        for kind in kinds where try reader.string(kind) != nil { found.append(kind) }
        collector.refuseUnknown(reader)
        guard found.count == 1 else {
            let message =
                "wanted exactly one of \(kinds.joined(separator: ", ")), found "
                + (found.isEmpty ? "none" : found.joined(separator: " and "))
            throw .invalidValue(path: path, message: message, at: reader.location)
        }
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
