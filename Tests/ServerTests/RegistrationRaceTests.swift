import AnalysisService
import Analyzer
import FlaggerAPI
import Foundation
import Model
import PromQL
import Server
import Synchronization
import Testing

@testable import Server

/// Registrations that come and go at the same time.
@Suite("Registrations at the same time") struct RegistrationRaceTests {
    /// Counts who follows the rows.
    private final class CountingFeed: RowPublisher {
        let followers = Mutex<[ObjectIdentifier: Int]>([:])
        func add(_ follower: any RowSubscriber) {
            followers.withLock { $0[ObjectIdentifier(follower), default: 0] += 1 }
        }
        func remove(_ follower: any RowSubscriber) { followers.withLock { $0[ObjectIdentifier(follower)] = nil } }
        var count: Int { followers.withLock { $0.count } }
    }

    private struct NoEvaluator: InstantEvaluator {
        func evaluate(
            _ query: PreparedQuery, at time: Timestamp, on store: any Queryable, zeroStart: Bool
        ) -> Result<QueryResult, CheckError> { .failure(.query("not asked")) }
    }

    @Test("of equal queries one is kept, followed once, and ended with its last user") func keptQueries() throws {
        let registration = StoredRegistration(
            name: AnalysisName(namespace: "test", name: "podinfo"), body: Array(RegisteredFixture.canary().utf8),
            isYAML: false, registeredAt: 0)
        let analysis = try RegisteredAnalysis(registration, PlanOptions())
        let engine = Engine()
        let alone = CountingFeed()
        _ = IncrementalQueryCache(engine, else: NoEvaluator(), feed: alone).keep(analysis.checks, analysis.form, now: 0)
        #expect(alone.count > 0)
        for round in 0..<60 {
            let feed = CountingFeed()
            let cache = IncrementalQueryCache(engine, else: NoEvaluator(), feed: feed)
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                _ = cache.keep(analysis.checks, analysis.form, now: 0)
            }
            #expect(feed.count == alone.count, "round \(round)")
            DispatchQueue.concurrentPerform(iterations: 7) { _ in cache.release(analysis.checks) }
            #expect(feed.count == alone.count, "round \(round): the last user's queries still get rows")
            cache.release(analysis.checks)
            #expect(feed.count == 0, "round \(round)")
        }
    }

    @Test("a query that was left gives no answer any more") func left() throws {
        let engine = Engine()
        let feed = CountingFeed()
        let query = try #require(
            IncrementalQuery(try engine.prepare("sum(rate(a[1m])) or vector(1)"), engine: engine, zeroStart: false))
        query.subscribe(to: feed, now: 0)
        #expect(query.evaluate(at: 60_000) != nil)
        query.unsubscribe(from: feed)
        #expect(query.evaluate(at: 60_000) == nil)
    }

    @Test("file and table hold the same registration, whoever comes last") func fileAndTable() throws {
        let store = MemoryVerdictStore()
        let registered = try RegisteredFixture(store: store, keepsRows: true).registered
        let name = AnalysisName(namespace: "test", name: "podinfo")
        for round in 0..<20 {
            DispatchQueue.concurrentPerform(iterations: 12) { number in
                if number % 4 == 3 {
                    try? registered.delete(name)
                } else {
                    let body = RegisteredFixture.canary(min: Double(round * 12 + number) / 10)
                    _ = try? registered.register(
                        StoredRegistration(name: name, body: Array(body.utf8), isYAML: false, registeredAt: 0))
                }
            }
            #expect(registered.list().map(\.analysis.registration) == store.registrations(), "round \(round)")
        }
    }

    @Test("recent queries are told apart by their bytes") func recentQueries() throws {
        let recent = RecentQueries()
        let engine = Engine()
        let (composed, decomposed) = ("u{v=\"caf\u{e9}\"}", "u{v=\"cafe\u{301}\"}")
        recent.note(composed, try engine.prepare(composed), took: .zero)
        #expect(recent.find(decomposed) == nil)
        recent.note(decomposed, try engine.prepare(decomposed), took: .zero)
        for text in [composed, decomposed] {
            #expect(recent.find(text).map { Array($0.query.text.utf8) } == Array(text.utf8))
        }
    }
}
