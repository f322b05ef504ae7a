import FlaggerAPI
import Rollout
import Testing

@Suite("The ladder of a weighted canary")
struct TrafficScheduleTests {
    private func walk(_ change: (inout CanaryAnalysis) -> Void) throws -> [Int] {
        var analysis = CanaryAnalysis()
        change(&analysis)
        let schedule = try TrafficSchedule(analysis)
        var weights: [Int] = []
        var weight = TrafficWeights.allToPrimary
        while let next = schedule.weight(after: weight), weights.count < 200 {
            weight = next
            weights.append(next.canary)
        }
        return weights
    }

    @Test("A linear step may pass the maximum, and never 100")
    func linear() throws {
        #expect(try walk { ($0.stepWeight, $0.maxWeight) = (20, 50) } == [20, 40, 60])
        #expect(try walk { ($0.stepWeight, $0.maxWeight) = (10, 50) } == [10, 20, 30, 40, 50])
        #expect(try walk { $0.stepWeight = 60 } == [60, 100])
        #expect(try walk { $0.stepWeight = 1_000 } == [100])
        #expect(try walk { ($0.stepWeight, $0.maxWeight) = (30, 0) } == [30, 60, 90, 100])
    }

    @Test("An explicit ladder ends at its last entry, and a step makes it void")
    func ladder() throws {
        #expect(try walk { $0.stepWeights = [1, 2, 10, 80] } == [1, 2, 10, 80])
        #expect(try walk { ($0.stepWeights, $0.stepWeight) = ([1, 2], 50) } == [50, 100])
        #expect(try walk { $0.stepWeights = [5, 200] } == [5, 100])
        #expect(try walk { $0.stepWeights = [10, 5, 30] }.last == 30)
    }

    @Test("A weight that someone edited goes on by a step, or straight to 100 on a ladder")
    func edited() throws {
        var analysis = CanaryAnalysis()
        analysis.stepWeight = 10
        #expect(try TrafficSchedule(analysis).weight(after: TrafficWeights(canary: 65))?.canary == 75)
        analysis.stepWeight = 0
        analysis.stepWeights = [10, 20, 50]
        #expect(try TrafficSchedule(analysis).weight(after: TrafficWeights(canary: 15))?.canary == 100)
    }

    @Test("Without any step there is no schedule")
    func none() {
        #expect(throws: UnsupportedStrategy.noSteps) { try TrafficSchedule(CanaryAnalysis()) }
    }

    @Test("Traffic goes back at once or in steps")
    func back() throws {
        var analysis = CanaryAnalysis()
        analysis.stepWeight = 10
        #expect(try TrafficSchedule(analysis).weightTowardsPrimary(after: .allToCanary) == .allToPrimary)
        analysis.stepWeightPromotion = 40
        let schedule = try TrafficSchedule(analysis)
        #expect(schedule.weightTowardsPrimary(after: .allToCanary).primary == 40)
        #expect(schedule.weightTowardsPrimary(after: TrafficWeights(canary: 20)).primary == 100)
    }
}
