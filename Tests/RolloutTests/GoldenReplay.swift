import FlaggerAPI
import Foundation
import Model
import Rollout
import Simulator

/// Everything a rollout shows to the world, in order, each with its tick. Recordings and replays are both brought into
/// this form.
struct RolloutStory: Equatable {
    var statuses: [String] = []
    var events: [String] = []
    var routes: [String] = []
    var objects: [String] = []
    var hooks: [String] = []
    var alerts: [String] = []
    var cookies: [String] = []

    /// Notes the cookies of a status: the canary's, the one before and the primary's, where any is there. Values are told
    /// apart, no more.
    mutating func note(cookies values: [String?], _ names: inout FirstSeen, _ tick: Int) {
        guard values.contains(where: { $0 != nil }) else { return }
        let texts = values.map { value in
            value.map { "\($0.prefix { $0 != "=" })=\(names.name($0))" } ?? "-"
        }
        cookies.append("\(tick) \(texts.joined(separator: " "))")
    }
}

/// Gives names to hashes in the order in which they appear.
struct FirstSeen {
    private let prefix: String
    private var names: [String: String] = [:]

    init(_ prefix: String) { self.prefix = prefix }

    mutating func name(_ key: String) -> String {
        if let name = names[key] { return name }
        names[key] = "\(prefix)-\(names.count + 1)"
        return names[key] ?? ""
    }
}

/// Plays a recorded scenario against the state machine and a simulated cluster, tick by tick.
struct GoldenReplay {
    private static let start: Timestamp = 1_800_000_000_000

    private let trace: GoldenTrace
    private let policy: RolloutPolicy
    /// Check outcomes are taken from the recording instead of being judged here.
    private let recordedChecks: Bool
    private var manifest: JSON
    private var cluster: ClusterModel
    private var server: ScriptedServer
    private var story = RolloutStory()
    private var specs = FirstSeen("spec")
    private var configs = FirstSeen("config")
    private var revisions = FirstSeen("checksum")
    private var cookies = FirstSeen("cookie")
    /// The Canary was deleted: nobody looks after it any more.
    private var isDeleted = false

    init(_ trace: GoldenTrace, policy: RolloutPolicy, recordedChecks: Bool) {
        self.trace = trace
        self.policy = policy
        self.recordedChecks = recordedChecks
        manifest = trace.manifests(of: "Canary").first ?? [:]
        let canary = CanaryManifest.canary(manifest, namespace: trace.namespace)
        cluster = ClusterModel(canary: canary, now: GoldenReplay.start - 5_000)
        server = ScriptedServer(trace)
        for object in trace.manifests { create(object) }
        note(cluster.status, tick: 0)
    }

    /// The story up to the recording's last tick.
    mutating func run() throws -> RolloutStory {
        apply(stimuliBefore: 1)
        for tick in 1...max(trace.lastTick, 1) {
            cluster.advance(to: GoldenReplay.start + Timestamp(tick - 1) * 10_000)
            if !isDeleted { try play(tick) }
            cluster.advance(to: GoldenReplay.start + Timestamp(tick - 1) * 10_000 + 5_100)
            apply(stimuliBefore: tick + 1)
        }
        return story
    }

    private mutating func play(_ tick: Int) throws {
        let machine = try CanaryStateMachine(cluster.canary, policy: policy)
        var observation = cluster.observe()
        let before = cluster.status
        var performed = 0
        while true {
            let transition = machine.advance(before, observation, now: cluster.now)
            for action in transition.actions.dropFirst(performed) { try perform(action, tick) }
            performed = transition.actions.count
            guard let pending = transition.pending else { break }
            provide(pending, tick, &observation.inputs)
        }
    }

    private mutating func provide(_ pending: PendingInput, _ tick: Int, _ inputs: inout ReconcileInputs) {
        switch pending {
        case .providerCheck: inputs.providers = server.checkProviders()
        case .checks: inputs.checks = recordedChecks ? recordedOutcome(tick) : server.check(cluster.canary)
        case .hook(let call):
            let hook = cluster.canary.analysis?.webhooks[call.index] ?? CanaryWebhook(name: "", url: "")
            let (requests, answer) = server.call(hook)
            for _ in 0..<requests {
                let checksum = revisions.name("\(call.revision.spec) \(call.revision.configs)")
                story.hooks.append("\(tick) \(path(hook)) \(call.phase.rawValue) \(checksum)")
            }
            inputs.hooks[call.index] = answer
        }
    }

    /// The Warning about a metric that Flagger logged in this tick, if any.
    private func recordedOutcome(_ tick: Int) -> CheckOutcome {
        let marks = ["Halt advancement no values", "Prometheus query failed", "Metric query failed", "Metric template"]
        let own = "Halt \(cluster.canary.reference) advancement "
        let others = ["pre-rollout check", "external check", "waiting for"]
        let line = trace.log.first { line in
            guard line.tick == tick, !line.isRenderedQuery else { return false }
            if marks.contains(where: line.text.hasPrefix) { return true }
            return line.text.hasPrefix(own) && !others.contains { line.text.hasPrefix(own + $0) }
        }
        return line.map { .failed($0.text) } ?? .passed
    }

    private mutating func perform(_ action: Action, _ tick: Int) throws {
        cluster.journal = []
        try cluster.perform(action)
        for entry in cluster.journal { note(entry, tick) }
        switch action {
        case .event(let event):
            story.events.append("\(tick) \(event.kind.rawValue) \(event.text)")
            let checksum = "\(event.revision.spec) \(event.revision.configs)"
            if trace.hasGlobalEventHook { _ = revisions.name(checksum) }
            for hook in cluster.canary.analysis?.webhooks ?? [] where hook.kind == .event {
                story.hooks.append(
                    "\(tick) \(path(hook)) \(event.phase.rawValue) \(revisions.name(checksum)) "
                        + "\(event.kind.rawValue) \(event.text)")
            }
        case .alert(let alert): story.alerts.append("\(tick) \(alert.text)")
        default: break
        }
    }

    private mutating func note(_ entry: JournalEntry, _ tick: Int) {
        switch entry {
        case .service(let role, let created):
            let name = cluster.canary.service.name ?? cluster.canary.target.name
            let full = role == .apex ? name : "\(name)-\(role.rawValue)"
            story.objects.append("\(tick) \(created ? "create" : "update") Service \(full)")
        case .deployment(let name, let replicas): story.objects.append("\(tick) create \(name) \(replicas)")
        case .replicas(let name, let from, let to): story.objects.append("\(tick) scale \(name) \(from) \(to)")
        case .promoted(let name, _): story.objects.append("\(tick) promote \(name)")
        case .route(let weights, _): story.routes.append("\(tick) \(weights.primary)/\(weights.canary)")
        case .status(let status): note(status, tick: tick)
        }
    }

    private mutating func note(_ status: CanaryStatus, tick: Int) {
        let tracked = (status.trackedConfigs ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key)=\(configs.name($0.value))" }
        let applied = status.lastAppliedSpec.map { specs.name($0) } ?? "-"
        let promoted = status.lastPromotedSpec.map { specs.name($0) } ?? "-"
        story.statuses.append(
            "\(tick) \(status.phase.rawValue) w\(status.canaryWeight) f\(status.failedChecks) i\(status.iterations) "
                + "\(applied) \(promoted) \(tracked) \(status.condition?.status.rawValue ?? "") "
                + "\(status.condition?.reason ?? "") \(status.condition?.message ?? "")")
        story.note(
            cookies: [status.cookies.canary, status.cookies.previous, status.cookies.primary], &cookies, tick)
    }

    private func path(_ hook: CanaryWebhook) -> String {
        String(hook.url.dropFirst("${SERVER}".count))
    }
}

/// What the script did to the cluster.
extension GoldenReplay {
    private mutating func create(_ object: JSON) {
        let name = object.object("metadata").string("name") ?? ""
        let spec = object.object("spec")
        switch object.string("kind") ?? "" {
        case "Deployment", "DaemonSet":
            let containers = spec.object("template").object("spec").list("containers")
            cluster.create(
                deployment: name, template: TemplateModel(image: containers.first?.string("image") ?? ""),
                replicas: spec.int("replicas") ?? 1, matchLabels: spec.object("selector").texts("matchLabels"))
        case "ConfigMap": cluster.configs["configmap/\(name)"] = "\(object.texts("data"))"
        case "HorizontalPodAutoscaler": cluster.scalerMinimum = spec.int("minReplicas")
        case "Service": cluster.adopt(.apex)
        case "HTTPRoute":
            cluster.edit { $0 = RouteModel(shape: RouteShape(parents: [], hosts: [], port: 1), weights: .allToPrimary) }
        default: break
        }
    }

    private mutating func apply(stimuliBefore tick: Int) {
        for stimulus in trace.stimuli {
            let time = stimulus.double("tick") ?? 0
            let due = time == 0 ? tick == 1 : time > Double(tick - 1) && time < Double(tick)
            if due { apply(stimulus, tick: tick - 1) }
        }
    }

    private mutating func apply(_ stimulus: JSON, tick: Int) {
        let name = stimulus.string("name") ?? ""
        let deployment = stimulus.string("deployment") ?? ""
        switch stimulus.string("op") ?? "" {
        case "setImage": cluster.setImage(stimulus.string("image") ?? "", of: name)
        case "metrics": server.setRules(stimulus.list("rules"))
        case "hook": server.setHook(stimulus.string("hook") ?? "", stimulus["answer"])
        case "podsUnready": cluster.hold(unready: true, oldest: stimulus.int("count") ?? 1, of: deployment)
        case "podsReady": cluster.hold(unready: false, oldest: stimulus.int("count") ?? 1, of: deployment)
        case "create": create(stimulus.object("object"))
        case "delete":
            if stimulus.string("kind") == "Deployment" { cluster.delete(deployment: name) }
            if stimulus.string("kind") == "HTTPRoute" { cluster.edit { $0 = nil } }
            if stimulus.string("kind") == "Canary" { isDeleted = true }
        case "patch": patch(stimulus.string("kind") ?? "", name, stimulus.object("mergePatch"), tick: tick)
        default: break
        }
    }

    private mutating func patch(_ kind: String, _ name: String, _ patch: JSON, tick: Int) {
        switch kind {
        case "Canary":
            manifest = manifest.merged(with: patch)
            cluster.canary = CanaryManifest.canary(manifest, namespace: trace.namespace)
        case "Deployment":
            if let replicas = patch.object("spec").int("replicas") { cluster.scale(name, to: replicas) }
        case "ConfigMap": cluster.configs["configmap/\(name)"] = "\(patch)"
        case "HorizontalPodAutoscaler":
            cluster.scalerMinimum = patch.object("spec").int("minReplicas") ?? cluster.scalerMinimum
        case "HTTPRoute":
            cluster.edit { route in
                for label in patch.object("metadata").texts("labels").keys { route?.shape.foreign.insert(label) }
                guard let rule = patch.object("spec").list("rules").first else { return }
                if rule["filters"] != nil { route?.shape.foreign.insert("filters") }
                route?.weights = TrafficWeights(canary: rule.list("backendRefs").last?.int("weight") ?? 0)
            }
            // The recorder saw one write where the script's came right after ours.
            if patch["spec"] != nil, let weights = cluster.route?.weights {
                if story.routes.last?.hasPrefix("\(tick) ") == true { story.routes.removeLast() }
                story.routes.append("\(tick) \(weights.primary)/\(weights.canary)")
            }
        default: break
        }
    }
}
