import Analyzer
import FlaggerAPI
import Model

/// Scrapes out of turn what checks are about to look at, so that a verdict about now isn't one about the last scrape:
/// the pods of the workload, and whoever else gave series to the checks' queries, such as its callers.
struct FreshScrape {
    /// A target that was scraped within this time is fresh enough. It also bounds what many requests can cause.
    static let ageMin: Milliseconds = 1000
    /// How far back series tell who gives them.
    private static let lookback: Milliseconds = 300_000

    let targets: any TargetStatusSource
    let trigger: any ScrapeTrigger
    let store: any Queryable

    /// The instances to scrape. Asks the store.
    func due(_ checks: [Check], of canary: Canary, at time: Timestamp) -> Set<String> {
        let givers = instances(behind: checks, at: time)
        let own = AnalysisFacts.targetMatchers(of: canary)
        let due = targets.targets().filter { status in
            if let last = status.lastScrape, time - last < Self.ageMin { return false }
            return givers.contains(status.labels[LabelName.instance])
                || own.allSatisfy { $0.matches(status.labels[$0.name]) }
        }
        return Set(due.map { $0.labels[LabelName.instance] })
    }

    /// Scrapes instances and waits until the rows are stored; each target has its own timeout for that.
    func run(_ instances: Set<String>) async {
        await withDiscardingTaskGroup { group in
            for instance in instances {
                group.addTask {
                    await trigger.scrapeNow(matching: [Matcher(name: LabelName.instance, equals: instance)])
                }
            }
        }
    }

    /// The targets whose series the queries select. A store that can't tell now will say so when it is queried.
    private func instances(behind checks: [Check], at time: Timestamp) -> Set<String> {
        let window = TimeWindow(after: time - Self.lookback, through: time)
        let matching = checks.compactMap(\.expr).flatMap { QuerySelector.all(in: $0, at: time) }.map(\.matchers)
        if matching.isEmpty { return [] }
        return Set((try? store.labelValues(of: LabelName.instance, matching: matching, in: window)) ?? [])
    }
}
