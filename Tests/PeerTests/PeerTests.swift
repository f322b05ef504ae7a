import Foundation
import Model
import TestSupport
import Testing

/// The same samples, the same queries, two servers. See `KnownDifferences.swift` for what may differ.
@Suite("Beside Prometheus", .serialized) struct PeerTests {
    /// Counts verdicts and remembers what differs.
    struct Tally {
        var asked = 0
        var agreed = 0
        var answered = 0
        var excused: [String: Int] = [:]

        mutating func add(_ verdict: PeerServers.Verdict, _ context: String = "") {
            asked += 1
            switch verdict {
            case .agree(let hasAnswer):
                agreed += 1
                if hasAnswer { answered += 1 }
            case .excused(let known): excused[known.name, default: 0] += 1
            case .differ(let text): Issue.record("\(context)\(text)")
            }
        }

        func report(_ what: String) {
            let rules = excused.sorted { $0.key < $1.key }.map { "\($0.value) by \"\($0.key)\"" }
            print(
                "peer: \(what): \(asked) compared, \(agreed) agree (\(answered) with a result), "
                    + "\(asked - agreed - excused.values.reduce(0, +)) differ, excused: "
                    + (rules.isEmpty ? "none" : rules.joined(separator: ", ")))
        }
    }

    /// The newest point of the ten-second grid.
    static var now: Timestamp { Timestamp(Date().timeIntervalSince1970 / 10) * 10_000 }

    static func setting(_ name: String, or fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init) ?? fallback
    }

    @Test(
        "every compliance query gives the same answer, as range and as instant query",
        .enabled(if: Peer.canComply, "needs Debian's prometheus and the folder shared beside the repository"))
    func compliance() async throws {
        let servers = try await PeerServers()
        let end = Self.now - 20_000
        try await servers.write(DemoSeries(from: end - 6_000_000, through: end).series)
        let queries = try ComplianceQueries.all()
        #expect(queries.count == 341)
        var ranges = Tally()
        var instants = Tally()
        // Asked 3 s past the grid: the subquery's steps lie on the grid, and none may lie on its window's edge.
        let first = end - 1_197_000
        for query in queries {
            ranges.add(
                try await servers.compare(
                    Question(query: query, start: first, end: end - 117_000, step: 30_000)))
            instants.add(
                try await servers.compare(Question(query: query, start: end - 297_000, end: end - 297_000)))
        }
        ranges.report("compliance queries over a range")
        instants.report("compliance queries at a time")
        #expect(ranges.answered > queries.count * 8 / 10)
    }

    /// `HALDANE_PEER_QUERIES` sets how many (default 200), `HALDANE_PEER_SEED` where to begin.
    @Test(
        "random queries over random data give the same answers", .enabled(if: Peer.isThere, "needs Debian's prometheus")
    )
    func randomQueries() async throws {
        let servers = try await PeerServers()
        let count = Self.setting("HALDANE_PEER_QUERIES", or: 200)
        var seed = UInt64(Self.setting("HALDANE_PEER_SEED", or: 1))
        let start = Self.now - 2_400_000
        var tally = Tally()
        while tally.asked < count {
            var random = RandomQuery(seed: seed)
            let placed = PlacedData(random.data(), seed: seed, start: start)
            try await servers.write(placed.series)
            var wider = WiderQuery(seed: seed, around: random)
            for _ in 0..<50 where tally.asked < count {
                let query = placed.query(wider.next())
                let time = placed.time(wider.time())
                let isRange = tally.asked % 2 == 0
                let question = Question(
                    query: query, start: time, end: isRange ? time + 300_000 : time, step: isRange ? 30_000 : nil)
                tally.add(try await servers.compare(question), "seed \(seed): ")
            }
            seed += 1
        }
        tally.report("random queries")
        #expect(tally.answered * 3 > tally.asked)
        #expect(tally.excused.values.reduce(0, +) * 10 <= tally.asked, "too many differences are excused")
    }
}
