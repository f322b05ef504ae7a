package import Analyzer
package import Model
private import Synchronization

/// Remembers measurements, so that replays that differ in their limits alone ask each query once for each time.
package final class MemoisedRunner: QueryRunner {
    private struct Key: Hashable {
        var query: String
        var time: Timestamp
        var zeroStart: Bool
        var requestsMin: Double
    }

    /// Most measurements that are remembered.
    private static let entriesMax = 500_000

    private let runner: any QueryRunner
    private let known = Mutex<[Key: Measurement]>([:])

    /// A runner that remembers what another one measured.
    package init(_ runner: any QueryRunner) { self.runner = runner }

    package func measure(_ check: Check, at time: Timestamp) async -> Measurement {
        // The result of a sequential test depends on more than the query.
        guard check.sequential == nil, case .embedded = check.destination else {
            return await runner.measure(check, at: time)
        }
        let key = Key(query: check.query, time: time, zeroStart: check.zeroStart, requestsMin: check.requestsMin)
        if let found = known.withLock({ $0[key] }) { return found }
        let measurement = await runner.measure(check, at: time)
        known.withLock { if $0.count < Self.entriesMax { $0[key] = measurement } }
        return measurement
    }
}
