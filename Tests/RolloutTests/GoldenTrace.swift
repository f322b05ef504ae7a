import FlaggerAPI
import Foundation
import Model
import TestSupport

/// A JSON object of a trace.
typealias JSON = [String: Any]

/// Access by path, with empty values where something is missing: traces are trusted, tests compare the rest.
extension [String: Any] {
    func object(_ key: String) -> JSON { self[key] as? JSON ?? [:] }
    func list(_ key: String) -> [JSON] { self[key] as? [JSON] ?? [] }
    func string(_ key: String) -> String? { self[key] as? String }
    func int(_ key: String) -> Int? { (self[key] as? NSNumber)?.intValue }
    func double(_ key: String) -> Double? { (self[key] as? NSNumber)?.doubleValue }
    func bool(_ key: String) -> Bool { (self[key] as? NSNumber)?.boolValue ?? false }
    func texts(_ key: String) -> [String: String] { self[key] as? [String: String] ?? [:] }

    /// This object after a JSON merge patch.
    func merged(with patch: JSON) -> JSON {
        var result = self
        for (key, value) in patch {
            if value is NSNull {
                result[key] = nil
            } else if let inner = value as? JSON {
                result[key] = object(key).merged(with: inner)
            } else {
                result[key] = value
            }
        }
        return result
    }
}

/// One recorded scenario.
struct GoldenTrace {
    let name: String
    let namespace: String
    let manifests: [JSON]
    let initial: JSON
    let stimuli: [JSON]
    let observations: [JSON]
    /// The provider of canaries that name none.
    let meshProvider: String
    /// Every event also went to a receiver that a flag of Flagger's named.
    let hasGlobalEventHook: Bool
    /// Flagger's log.
    let log: [LogLine]

    /// A log line about the Canary.
    struct LogLine {
        let tick: Int
        let level: String
        let text: String

        /// Flagger logs what a MetricTemplate was rendered to.
        var isRenderedQuery: Bool { text.hasPrefix("Metric template ") && text.contains(" query: ") }

        /// Lines about objects and alerts, which are no Events.
        var isOnlyLogged: Bool {
            let ends = [" created", " updated", " deleted", " synced", " has changed"]
            let starts = ["Scaling down ", "alert provider ", "Running mirror step ", "Start traffic mirroring"]
            if level == "debug" { return true }
            return ends.contains(where: text.hasSuffix) || starts.contains(where: text.hasPrefix) || isRenderedQuery
        }
    }

    /// The folder of the recordings, if it is there.
    static let folder = SharedFolder.url("golden/flagger")?.path

    /// The scenario whose file begins with `number`.
    init(number: String) throws {
        let folder = GoldenTrace.folder ?? ""
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        guard let file = files.first(where: { $0.hasPrefix(number + "-") }) else {
            throw CocoaError(.fileNoSuchFile)
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file))
        let root = try JSONSerialization.jsonObject(with: data) as? JSON ?? [:]
        name = file
        namespace = root.string("namespace") ?? ""
        meshProvider = root.object("flagger").string("meshProvider") ?? ""
        hasGlobalEventHook = (root.object("flagger")["flags"] as? [String] ?? []).contains("-event-webhook")
        manifests = root.list("manifests")
        initial = root.object("initial")
        stimuli = root.list("stimuli")
        observations = root.list("observations")
        log = (root["log"] as? [[Any]] ?? []).compactMap { line in
            guard line.count == 3, let tick = line[0] as? NSNumber, let level = line[1] as? String,
                let text = line[2] as? String
            else { return nil }
            return LogLine(tick: tick.intValue, level: level, text: text)
        }
    }

    func manifests(of kind: String) -> [JSON] { manifests.filter { $0.string("kind") == kind } }

    var lastTick: Int { observations.compactMap { $0.double("tick") }.max().map { Int($0) } ?? 0 }
}

/// The parts of a Canary that weighted scenarios use, from a manifest.
enum CanaryManifest {
    static func canary(_ manifest: JSON, namespace: String) -> Canary {
        let spec = manifest.object("spec")
        let service = spec.object("service")
        var decoded = CanaryService(port: service.int("port") ?? 0)
        decoded.name = service.string("name")
        decoded.targetPort = service.string("targetPort")
        decoded.hosts = service["hosts"] as? [String] ?? []
        decoded.gatewayRefs = service.list("gatewayRefs").map { reference in
            var gateway = GatewayReference(name: reference.string("name") ?? "")
            gateway.port = reference.int("port")
            return gateway
        }
        var canary = Canary(
            reference: ObjectReference(name: manifest.object("metadata").string("name") ?? "", namespace: namespace),
            target: workload(spec.object("targetRef")), service: decoded,
            analysis: analysis(spec.object("analysis"), namespace: namespace))
        canary.provider = spec.string("provider")
        canary.autoscaler = spec["autoscalerRef"] == nil ? nil : workload(spec.object("autoscalerRef"))
        canary.progressDeadlineSeconds = spec.int("progressDeadlineSeconds") ?? 600
        canary.skipAnalysis = spec.bool("skipAnalysis")
        canary.suspend = spec.bool("suspend")
        return canary
    }

    private static func workload(_ reference: JSON) -> WorkloadReference {
        WorkloadReference(
            apiVersion: reference.string("apiVersion") ?? "", kind: reference.string("kind") ?? "",
            name: reference.string("name") ?? "")
    }

    private static func analysis(_ spec: JSON, namespace: String) -> CanaryAnalysis {
        var analysis = CanaryAnalysis()
        analysis.interval = 10_000
        analysis.threshold = spec.int("threshold") ?? 1
        analysis.iterations = spec.int("iterations") ?? 0
        analysis.maxWeight = spec.int("maxWeight") ?? 100
        analysis.stepWeight = spec.int("stepWeight") ?? 0
        analysis.stepWeights = spec["stepWeights"] as? [Int] ?? []
        analysis.stepWeightPromotion = spec.int("stepWeightPromotion") ?? 0
        analysis.mirror = spec.bool("mirror")
        let affinity = spec.object("sessionAffinity")
        if let name = affinity.string("cookieName") {
            analysis.sessionAffinity = SessionAffinity(cookieName: name)
            analysis.sessionAffinity?.primaryCookieName = affinity.string("primaryCookieName")
        }
        analysis.match = spec.list("match").map { _ in MatchCondition() }
        analysis.webhooks = spec.list("webhooks").map { entry in
            var hook = CanaryWebhook(name: entry.string("name") ?? "", url: entry.string("url") ?? "")
            hook.kind = CanaryWebhook.Kind(rawValue: entry.string("type") ?? "rollout") ?? .rollout
            hook.retries = entry.int("retries") ?? 0
            if let timeout = entry.string("timeout") { hook.timeout = (Int64(timeout.dropLast()) ?? 10) * 1_000 }
            return hook
        }
        analysis.metrics = spec.list("metrics").map { entry in
            var metric = CanaryMetric(name: entry.string("name") ?? "")
            metric.threshold = entry.double("threshold")
            if entry["thresholdRange"] != nil {
                let range = entry.object("thresholdRange")
                metric.range = ThresholdRange(min: range.double("min"), max: range.double("max"))
            }
            metric.query = entry.string("query")
            if let template = entry.object("templateRef").string("name") {
                metric.template = ObjectReference(name: template, namespace: namespace)
            }
            return metric
        }
        return analysis
    }
}
