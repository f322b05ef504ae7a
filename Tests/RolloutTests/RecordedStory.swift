import FlaggerAPI
import Foundation

/// A recording in the form of a story.
extension RolloutStory {
    init(recorded trace: GoldenTrace) {
        var reader = RecordedStory(trace)
        for observation in trace.observations { reader.read(observation) }
        self = reader.finish()
    }
}

private struct RecordedStory {
    private let trace: GoldenTrace
    private var story = RolloutStory()
    private var configs = FirstSeen("config")
    private var kinds: [String: String] = [:]

    init(_ trace: GoldenTrace) { self.trace = trace }

    mutating func read(_ observation: JSON) {
        let tick = Int(observation.double("tick") ?? 0)
        switch observation.string("type") ?? "" {
        case "status" where !observation.bool("onlyTimes"): readStatus(observation.object("status"), tick)
        case "event":
            let text = (observation.string("message") ?? "")
                .replacingOccurrences(of: "(combined from similar events): ", with: "")
            kinds[text] = observation.string("eventType") ?? ""
        case "object": readObject(observation, tick)
        case "webhook": readHook(observation, tick)
        case "alert" where (observation.string("path") ?? "").split(separator: "/").count == 3:
            let name = (observation.string("path") ?? "").split(separator: "/").last
            guard name == "slack" || name == "global-slack" else { return }
            let attachment = observation.object("body").list("attachments").first ?? [:]
            story.alerts.append("\(tick) \(attachment.string("text") ?? "")")
        default: break
        }
    }

    /// Events reach the API server merged and sometimes not at all; the log has every one of them, between lines
    /// about objects.
    func finish() -> RolloutStory {
        var story = story
        for line in trace.log {
            if line.isOnlyLogged { continue }
            story.events.append("\(line.tick) \(kinds[line.text] ?? kind(of: line.text)) \(line.text)")
        }
        return story
    }

    /// For texts whose Event was dropped on the way.
    private func kind(of text: String) -> String {
        ["Halt ", "Metric ", "Prometheus "].contains(where: text.hasPrefix) ? "Warning" : "Normal"
    }

    private mutating func readStatus(_ status: JSON, _ tick: Int) {
        let condition = status.list("conditions").first ?? [:]
        let tracked = status.texts("trackedConfigs").sorted { $0.key < $1.key }
            .map { "\($0.key)=\(configs.name($0.value))" }
        story.statuses.append(
            "\(tick) \(status.string("phase") ?? "") w\(status.int("canaryWeight") ?? 0) "
                + "f\(status.int("failedChecks") ?? 0) i\(status.int("iterations") ?? 0) "
                + "\(status.string("lastAppliedSpec") ?? "-") \(status.string("lastPromotedSpec") ?? "-") \(tracked) "
                + "\(condition.string("status") ?? "") \(condition.string("reason") ?? "") "
                + "\(condition.string("message") ?? "")")
    }

    private mutating func readObject(_ observation: JSON, _ tick: Int) {
        let name = observation.string("name") ?? ""
        let verb = observation.string("verb") ?? ""
        let own = observation.string("by") == "flagger"
        switch observation.string("kind") ?? "" {
        case "HTTPRoute", "TrafficSplit": readRoute(observation, tick)
        case "Service" where own: story.objects.append("\(tick) \(verb) Service \(name)")
        case "Deployment" where own && verb == "create":
            story.objects.append("\(tick) create \(name) \(observation.object("spec").int("replicas") ?? 0)")
        case "Deployment" where own:
            let changes = observation.list("changes")
            let replicas = changes.first { $0.string("path") == "/spec/replicas" }
            if changes.contains(where: { ($0.string("path") ?? "").hasSuffix("/flagger-id") }) {
                story.objects.append("\(tick) promote \(name)")
            }
            if let replicas {
                story.objects.append("\(tick) scale \(name) \(replicas.int("from") ?? 0) \(replicas.int("to") ?? 0)")
            }
        default: break
        }
    }

    /// Every write that changes what the route says, whoever made it; a write of labels alone only when it resets the
    /// weights.
    private mutating func readRoute(_ observation: JSON, _ tick: Int) {
        let spec = observation.object("spec")
        let backends = spec["backends"] as? [JSON] ?? spec.list("rules").first?.list("backendRefs") ?? []
        let canary = backends.first { ($0.string("name") ?? $0.string("service") ?? "").hasSuffix("-canary") }
        guard let value = canary?["weight"], let weight = Int("\(value)") else { return }
        let paths = observation.list("changes").compactMap { $0.string("path") }
        let annotated = !paths.isEmpty && paths.allSatisfy { $0.hasPrefix("/annotations") || $0.hasPrefix("/labels") }
        if annotated, observation.string("by") == "script" { return }
        story.routes.append("\(tick) \(100 - weight)/\(weight)")
    }

    private mutating func readHook(_ observation: JSON, _ tick: Int) {
        let body = observation.object("body")
        let metadata = body.texts("metadata")
        let path = observation.string("path") ?? ""
        // The receiver that Flagger's own flag names is not a hook of the Canary.
        guard !path.hasPrefix("/hook/any/") else { return }
        var line = "\(tick) \(path) \(body.string("phase") ?? "") \(body.string("checksum") ?? "")"
        if let message = metadata["eventMessage"] { line += " \(metadata["eventType"] ?? "") \(message)" }
        story.hooks.append(line)
    }
}
