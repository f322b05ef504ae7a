import Analyzer
import FlaggerAPI
import Foundation
import Model
import Simulator
import Testing

@Suite("The sequential test")
struct SequentialTestTests {
    /// Longer runs: `HALDANE_VERDICT_CANARIES=10000`.
    private static func canaries(or fallback: Int) -> Int {
        ProcessInfo.processInfo.environment["HALDANE_VERDICT_CANARIES"].flatMap(Int.init) ?? fallback
    }

    private static func rates(healthy: Double = 0.001) -> SequentialRates {
        var rates = SequentialRates()
        rates.healthy = healthy
        return rates
    }

    @Test("without requests nothing is decided; successes acquit, failures convict for good")
    func decisions() {
        var test = SequentialTest(Self.rates())
        #expect(test.take(successes: 0, failures: 0) == .undecided)
        #expect(test.evidence == 0)
        #expect(test.take(successes: 20, failures: 0) == .undecided)
        #expect(test.take(successes: 200, failures: 0) == .healthy)
        // A failure takes an acquittal back that was a narrow one.
        #expect(test.take(successes: 0, failures: 1) == .undecided)
        #expect(test.take(successes: 10, failures: 20) == .faulty)
        #expect(test.take(successes: 1_000_000, failures: 0) == .faulty)
        #expect(test.total.requests == 251)
    }

    @Test("exactly as many successes as it says are missing acquit")
    func missing() {
        var test = SequentialTest(Self.rates())
        test.take(successes: 3, failures: 1)
        let missing = test.successesMissing
        #expect(missing > 100)
        var almost = test
        #expect(almost.take(successes: missing - 1, failures: 0) == .undecided)
        #expect(test.take(successes: missing, failures: 0) == .healthy)
        #expect(test.successesMissing == 0)
    }

    @Test("a fault in the middle of a step isn't hidden by the successes before it")
    func change() {
        var late = SequentialTest(Self.rates())
        for _ in 0..<40 { late.take(successes: 50, failures: 0, share: 1 / 60) }
        #expect(late.decision == .healthy)
        for _ in 0..<3 { late.take(successes: 48, failures: 2, share: 1 / 60) }
        #expect(late.decision == .faulty)
        // What it rests on is the bad stretch, not the whole step.
        #expect(late.worst.failures == 6 && late.worst.requests == 150 && late.worst.portions == 3)
        #expect(late.total.requests == 2150)
        #expect(late.evidence >= 3)
    }

    @Test("a stretch that speaks for a fault lies below the break-even rate")
    func breakEven() {
        let rates = Self.rates()
        #expect((0.008...0.009).contains(rates.breakEven))
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            var test = SequentialTest(rates)
            while test.decision != .faulty {
                test.take(successes: Double.random(in: 0..<60, using: &random).rounded(), failures: 1)
            }
            #expect(test.worst.failures / test.worst.requests > rates.breakEven)
        }
    }

    @Test("huge counts neither overflow nor decide wrongly")
    func extremes() {
        var test = SequentialTest(Self.rates())
        #expect(test.take(successes: 1e15, failures: 0) == .healthy)
        #expect(test.take(successes: 0, failures: 1e15) == .faulty)
        #expect(!test.evidence.isNaN)
    }

    @Test("portions don't matter to the whole: the likelihood ratio is one of counts")
    func portions() {
        // Without weight for later beginnings, the order and size of portions is all the same.
        var whole = SequentialTest(Self.rates())
        var parts = SequentialTest(Self.rates())
        whole.take(successes: 100, failures: 2, share: 0)
        for _ in 0..<2 { parts.take(successes: 50, failures: 1, share: 0) }
        #expect(abs(whole.evidence - parts.evidence) < 1e-9)
        #expect(whole.successesMissing == parts.successesMissing)
    }

    @Test(
        "a fault at the start of a step is found as soon as promised",
        arguments: [(0.001, 4.0, 8.0), (0.005, 8.0, 15.0)])
    func delays(healthy: Double, median: Double, p90: Double) {
        let simulation = SequentialSimulation(Self.rates(healthy: healthy), requestRate: 50, seed: 3)
        let delays = simulation.delays(of: Self.canaries(or: 1000), failing: 0.03)
        #expect(delays.quantile(0.5) <= median)
        #expect(delays.quantile(0.9) <= p90)
        // And in the middle of one not much later.
        let later = simulation.delays(of: 200, failing: 0.03, healthySeconds: 30)
        #expect(later.quantile(0.5) <= median + 3)
    }

    @Test(
        "healthy canaries are hardly ever called faulty",
        arguments: [(0.001, 10.0), (0.001, 50), (0.005, 10), (0.005, 50)])
    func alarms(healthy: Double, rate: Double) {
        let canaries = Self.canaries(or: 100)
        let simulation = SequentialSimulation(Self.rates(healthy: healthy), requestRate: rate, seed: 11)
        let alarms = simulation.alarms(among: canaries, failing: healthy)
        print("sequential test: \(alarms) of \(canaries) healthy canaries called faulty (\(healthy), \(rate) req/s)")
        #expect(Double(alarms) <= max(1, 0.001 * Double(canaries)))
    }

    @Test("and the test does find what it may not find: the alarms of a rate between are not few")
    func sensitivity() {
        let simulation = SequentialSimulation(Self.rates(), requestRate: 50, seed: 5)
        #expect(simulation.alarms(among: 20, failing: 0.02) >= 19)
    }

    @Test("faulty canaries are hardly ever called healthy", arguments: [10.0, 50])
    func misses(rate: Double) {
        let steps = Self.canaries(or: 500)
        let simulation = SequentialSimulation(Self.rates(), requestRate: rate, seed: 13)
        let missed = simulation.acquittals(among: steps, failing: 0.03)
        print("sequential test: \(missed) of \(steps) faulty steps called healthy (\(rate) req/s)")
        #expect(Double(missed) <= 0.01 * Double(steps) + 3 * (0.01 * Double(steps)).squareRoot())
        #expect(simulation.acquittals(among: 20, failing: 0.001) == 20)
    }

    @Test("steps share the allowed false alarms")
    func steps() {
        #expect(abs(SequentialRates().perStep(of: 10).falseAlarms - 0.0001) < 1e-12)
        #expect(SequentialRates().perStep(of: 0).falseAlarms == 0.001)
        var analysis = CanaryAnalysis()
        analysis.stepWeight = 20
        analysis.maxWeight = 50
        #expect(analysis.stepCount == 3)
        analysis.stepWeight = 0
        analysis.stepWeights = [5, 10, 50]
        #expect(analysis.stepCount == 3)
        analysis.iterations = 7
        #expect(analysis.stepCount == 7)
        #expect(CanaryAnalysis().stepCount == 1)
    }

    @Test(
        "steps are a function of time",
        arguments: [
            (StepClock.trailing, 1000, 900), (.since(950), 1000, 950), (.since(1000), 1000, 900),
            (.since(2000), 1000, 900), (.every(from: 0), 1000, 900), (.every(from: 0), 1001, 1000),
            (.every(from: 0), 1099, 1000), (.every(from: 950), 1000, 950), (.every(from: 950), 1050, 950),
            (.every(from: 950), 1051, 1050), (.every(from: 1000), 1000, 900), (.every(from: .min), .max, .max - 100),
            (.trailing, .min, .min),
        ] as [(StepClock, Timestamp, Timestamp)])
    func clock(clock: StepClock, time: Timestamp, start: Timestamp) {
        #expect(clock.start(of: 100, at: time) == start)
    }

    @Test(
        "the annotation says what to tell apart",
        arguments: [
            ("default", 0.001, 0.03, 0.001, 0.01), ("healthy=0.5%", 0.005, 0.03, 0.001, 0.01),
            (" healthy = 1% , faulty=10%,false-alarms=2%, misses=5% ", 0.01, 0.1, 0.02, 0.05),
        ] as [(String, Double, Double, Double, Double)])
    func parsing(text: String, healthy: Double, faulty: Double, alarms: Double, misses: Double) throws {
        let rates = try SequentialRates(parsing: text)
        #expect([rates.healthy, rates.faulty, rates.falseAlarms, rates.misses] == [healthy, faulty, alarms, misses])
    }

    @Test(
        "and says so when it can't be understood",
        arguments: [
            ("", "wanted default or parts such as healthy=0.1%, found \"\""),
            ("healthy=0.001", "wanted default or parts such as healthy=0.1%, found \"healthy=0.001\""),
            ("healthy=0%", "wanted default or parts such as healthy=0.1%, found \"healthy=0%\""),
            ("healty=1%", "unknown part \"healty\" (known: healthy, faulty, false-alarms, misses)"),
            ("healthy=5%", "healthy must be less than faulty"),
            ("misses=60%", "false-alarms and misses must be at most 50%"),
        ])
    func faults(text: String, message: String) {
        #expect(throws: AnnotationFault(message)) { try SequentialRates(parsing: text) }
    }
}
