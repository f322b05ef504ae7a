import Exposition
import Model
import Simulator
import TSDB

/// A store with simulated pods of one deployment, and as many targets of others as are to push it out of the caches.
final class RegisteredFeed {
    /// One scrape target.
    private struct Target {
        let labels: Labels
        let group: any GroupAppender
        var reader = BodyReader(hashSeed: 1)
        var row = SampleRow(time: 0)
    }

    /// When the first scrapes may be.
    package static let start: Timestamp = 1_788_253_200_000

    let database = Database()
    /// Labels of the deployment's targets.
    package let labels: [Labels]
    /// Per second what each pod of the deployment tells, and after those what all others tell. Simulated beforehand:
    /// it would push all that is measured out of the caches.
    private let bodies: [[[UInt8]]]
    private var watched: [Target]
    private var others: [Target]

    /// Targets of the deployment and of others. The others all tell what one simulated pod tells: it is the work of
    /// storing them that counts, and simulating each would take longer than all that is measured.
    package init(pods count: Int, others otherCount: Int, seconds: Int) throws {
        var option = WorkloadOption(name: "podinfo")
        option.pods = count
        option.rate = 40 * Double(count)
        let fleet = ProxyFleet(workloads: [option, WorkloadOption(name: "other")], seed: 1, start: Self.start)
        let pods = fleet.pods.filter { $0.workload == "podinfo" }.map(\.name)
        let other = fleet.pods.first { $0.workload == "other" }?.name ?? ""
        var labels: [String: Labels] = [:]
        for pod in fleet.pods {
            labels[pod.name] = Labels(pod.targetLabels.map { Label($0.name, $0.value) } + [Label("pod", pod.name)])
        }
        self.labels = pods.compactMap { labels[$0] }
        bodies = (0...seconds).map { second in
            let time = Self.start + Timestamp(second) * 1000
            return (pods + [other]).map { fleet.scrape($0, at: time) ?? [] }
        }
        let database = database
        watched = try zip(pods, self.labels).map { name, labels in
            Target(labels: labels, group: try database.openGroup(GroupKey(job: "bench", target: name)))
        }
        let otherLabels = labels[other] ?? Labels()
        others = try (0..<otherCount).map { number in
            var labels = otherLabels
            labels["deployment"] = "other-\(number / 2)"
            labels["pod"] = "other-\(number)"
            return Target(
                labels: labels, group: try database.openGroup(GroupKey(job: "bench", target: "other-\(number)")))
        }
    }

    /// Number of all targets.
    var targetCount: Int { watched.count + others.count }

    /// Labels of all targets.
    var allLabels: [Labels] { (watched + others).map(\.labels) }

    /// Stores a scrape of each pod of the deployment, and after those of all others.
    package func scrape(second: Int) throws {
        let time = Self.start + Timestamp(second) * 1000
        for index in watched.indices { try Self.store(bodies[second][index], at: time, in: &watched[index]) }
        for index in others.indices { try Self.store(bodies[second][watched.count], at: time, in: &others[index]) }
    }

    private static func store(_ body: [UInt8], at time: Timestamp, in target: inout Target) throws {
        let shared = Array(target.labels)
        let group = target.group
        target.row.reset(time: time, columnCount: target.row.columnCount)
        try unsafe body.withUnsafeBytes { raw in
            try target.reader.read(unsafe BodyBytes(raw), format: .text, isComplete: true, into: &target.row) {
                series in
                (try? group.column(for: Labels(shared + Array(series.labels)))).flatMap(Slot.column)
            }
        }
        try group.append(target.row)
    }
}
