internal import Model

/// The targets to scrape, from the jobs and the groups found for them. Pure.
struct TargetPlan {
    /// A target with its job.
    struct Item {
        var target: Target
        var job: ScrapeJob
        /// Why the target is not scraped although it is one: its job has more targets than `target_limit`. `nil` when it is.
        var refusal: String?
    }

    /// Dropped targets and problems kept for showing at most.
    private static let shownMax = 1000

    /// The targets; where two are the same, the first.
    private(set) var items: [GroupKey: Item] = [:]
    /// Targets that relabelling dropped.
    private(set) var dropped = DroppedTargets()
    /// Why some of the addresses can't be scraped, a sentence each.
    private(set) var problems: [String] = []

    /// A plan without targets.
    init() {}

    /// The plan for these jobs; `found` has the groups by job and by discovery.
    init(_ jobs: [ScrapeJob], found: [ExactText: [String: [TargetGroup]]]) {
        for job in jobs {
            let groups = (found[ExactText(job.name)] ?? [:]).sorted { $0.key < $1.key }.flatMap(\.value)
            add(job, TargetBuilder.build(job.staticConfigs + groups, for: job))
        }
    }

    private mutating func add(_ job: ScrapeJob, _ results: [TargetBuilder.Result]) {
        var targets: [GroupKey: Target] = [:]
        let shownMax = job.keptDroppedTargets > 0 ? job.keptDroppedTargets : Self.shownMax
        var shown = 0
        for result in results {
            switch result {
            case .target(let target): if targets[target.key] == nil { targets[target.key] = target }
            case .dropped(let labels):
                dropped.counts[ExactText(job.name), default: 0] += 1
                guard shown < shownMax, dropped.shown.count < Self.shownMax else { continue }
                shown += 1
                dropped.shown.append(DroppedTarget(job: job.name, discoveredLabels: labels))
            case .invalid(let labels, let reason):
                note("job \(job.name), target \(WebAddress.shown(labels[TargetBuilder.addressLabel])): \(reason)")
            }
        }
        var refusal: String?
        if job.limits.targets > 0, targets.count > job.limits.targets {
            let reason =
                "target_limit exceeded (number of targets: \(targets.count), limit: \(job.limits.targets))"
            refusal = reason
            note("job \(job.name): \(reason); none of them is scraped")
        }
        for (key, target) in targets where items[key] == nil {
            items[key] = Item(target: target, job: job, refusal: refusal)
        }
    }

    private mutating func note(_ problem: String) {
        // Names and addresses come from outside, and the sentence goes to a log.
        if problems.count < Self.shownMax { problems.append(Printable.text(problem)) }
    }
}
