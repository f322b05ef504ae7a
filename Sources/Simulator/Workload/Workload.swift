/// Bodies of many simulated proxies as a benchmark scrapes them: a function of seed, target and tick alone, whoever
/// asks and however often.
///
/// A proxy has the real one's names and labels: about 440 bytes of text per series, latency histograms of 26 buckets,
/// and series that never change. Its clients send at log-normal rates (13 requests per second on average, 15 % are
/// idle) and are answered with log-normal latencies. A tick is a second.
package struct Workload: Sendable {
    /// What it is like.
    package let options: WorkloadOptions
    private var targets: [WorkloadTarget?]

    /// A workload at tick 0.
    package init(_ options: WorkloadOptions) {
        self.options = options
        targets = Array(repeating: nil, count: options.targets)
    }

    /// The body of `target` (0 ..< `options.targets`) at `tick` (from 0). Going forward costs one step of traffic per
    /// tick and one copy of the body; going back begins at 0 again.
    package mutating func body(target: Int, tick: Int) -> [UInt8] {
        var state: WorkloadTarget
        if let known = targets[target], known.tick <= tick {
            state = known
        } else {
            state = WorkloadTarget(target, options)
        }
        // The array must not share the state while it changes, or every tick would copy it.
        targets[target] = nil
        while state.tick < tick { state.advance() }
        defer { targets[target] = state }
        return state.body
    }

    /// The labels that a scrape configuration gives a target.
    package func labels(of target: Int) -> [(name: String, value: String)] {
        let pod = WorkloadTarget.pod(target, options)
        return [
            ("namespace", pod.namespace), ("deployment", pod.workload), ("pod", pod.name),
            ("instance", "\(pod.ip):4191"),
        ]
    }
}
