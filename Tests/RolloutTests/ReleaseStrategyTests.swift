import FlaggerAPI
import Rollout
import Testing

@Suite("Release strategies and traffic intents as values")
struct ReleaseStrategyTests {
    private func analysis(_ change: (inout CanaryAnalysis) -> Void) -> CanaryAnalysis {
        var analysis = CanaryAnalysis()
        change(&analysis)
        return analysis
    }

    @Test("steps make a weighted release, with a mirror where it is asked for")
    func weighted() throws {
        let plain = analysis { $0.stepWeight = 10 }
        let schedule = try TrafficSchedule(plain)
        #expect(try ReleaseStrategy(plain, provider: "linkerd") == .weighted(schedule, mirror: nil))
        let mirrored = analysis {
            $0.stepWeight = 10
            $0.mirror = true
            $0.mirrorWeight = 30
        }
        let strategy = try ReleaseStrategy(mirrored, provider: nil)
        #expect(strategy == .weighted(schedule, mirror: 30) && strategy.schedule == schedule)
        #expect(throws: UnsupportedStrategy.noSteps) { try ReleaseStrategy(CanaryAnalysis(), provider: nil) }
    }

    @Test("iterations make an A/B test with conditions, blue/green without, and so does a provider without a router")
    func iterations() throws {
        let condition = MatchCondition()
        let tested = analysis {
            $0.iterations = 5
            $0.match = [condition]
        }
        #expect(try ReleaseStrategy(tested, provider: nil) == .iterations(count: 5, match: [condition]))
        #expect(
            try ReleaseStrategy(tested, provider: "kubernetes") == .blueGreen(count: 5, mirror: nil, isRouted: false))
        let mirrored = analysis {
            $0.iterations = 3
            $0.mirror = true
        }
        let strategy = try ReleaseStrategy(mirrored, provider: nil)
        #expect(strategy == .blueGreen(count: 3, mirror: 100, isRouted: true) && strategy.schedule == nil)
    }

    @Test("a provider without a router has ten rounds where none are named")
    func unrouted() throws {
        let plain = analysis { $0.stepWeight = 10 }
        let strategy = try ReleaseStrategy(plain, provider: "kubernetes")
        #expect(strategy == .blueGreen(count: 10, mirror: nil, isRouted: false))
        #expect(!strategy.isRouted && strategy.iterations == 10)
    }
}
