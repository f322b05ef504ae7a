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
    private var cookies = FirstSeen("cookie")
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
        let names = ["sessionAffinityCookie", "previousSessionAffinityCookie", "primarySessionAffinityCookie"]
        story.note(cookies: names.map { status.string($0) }, &cookies, tick)
    }

    private mutating func readObject(_ observation: JSON, _ tick: Int) {
        let name = observation.string("name") ?? ""
        let verb = observation.string("verb") ?? ""
        let own = observation.string("by") == "flagger"
        switch observation.string("kind") ?? "" {
        case "HTTPRoute", "TrafficSplit": readRoute(observation, tick)
        case "Ingress" where own: readIngress(observation, tick)
        case "DaemonSet" where own && verb == "create": story.objects.append("\(tick) create \(name) 1")
        case "DaemonSet" where own: readDaemonSet(observation, name, tick)
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

    /// A DaemonSet has no replicas: a node selector that nothing has keeps it off all nodes.
    private mutating func readDaemonSet(_ observation: JSON, _ name: String, _ tick: Int) {
        for change in observation.list("changes") {
            let path = change.string("path") ?? ""
            if path.hasSuffix("/flagger-id") { story.objects.append("\(tick) promote \(name)") }
            guard path.hasSuffix("/nodeSelector") else { continue }
            story.objects.append("\(tick) scale \(name) " + (change["added"] != nil ? "1 0" : "0 1"))
        }
    }

    /// An Ingress of nginx: a canary that is chosen by header or cookie has all the traffic that is asked about.
    private mutating func readIngress(_ observation: JSON, _ tick: Int) {
        let created = observation.object("object").object("metadata").texts("annotations")
        let annotations = created.isEmpty ? observation.texts("annotations") : created
        let prefix = "nginx.ingress.kubernetes.io/canary-"
        guard let text = annotations[prefix + "weight"], let weight = Int(text) else { return }
        let isChosen = annotations.keys.contains { $0.hasPrefix(prefix + "by-") }
        story.routes.append("\(tick) " + (isChosen ? "0/100" : "\(100 - weight)/\(weight)"))
    }

    /// Every write that changes what the route says, whoever made it; a write of labels alone only when it resets the
    /// weights.
    private mutating func readRoute(_ observation: JSON, _ tick: Int) {
        // A created object is recorded whole.
        let created = observation.object("object").object("spec")
        let spec = created.isEmpty ? observation.object("spec") : created
        let backends = spec["backends"] as? [JSON] ?? spec.list("rules").last?.list("backendRefs") ?? []
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
