package import FlaggerAPI

/// The ladder of a weighted canary.
package struct TrafficSchedule: Sendable, Hashable {
    /// Linear step in percent; 0 when `ladder` is used.
    package let step: Int
    /// Explicit weights, in order; empty when `step` is used.
    package let ladder: [Int]
    /// From this weight on the analysis leads to promotion, 1...100.
    package let maximum: Int
    /// Step back to the primary during promotion; 0 for all at once.
    package let promotionStep: Int

    /// The schedule of an analysis. Fails when it names no step at all: such a canary would never get any traffic.
    package init(_ analysis: CanaryAnalysis) throws(UnsupportedStrategy) {
        promotionStep = min(max(analysis.stepWeightPromotion, 0), 100)
        if analysis.stepWeight > 0 {
            step = min(analysis.stepWeight, 100)
            ladder = []
            maximum = analysis.maxWeight > 0 ? min(analysis.maxWeight, 100) : 100
        } else if let last = analysis.stepWeights.last {
            step = 0
            ladder = analysis.stepWeights.map { min(max($0, 0), 100) }
            maximum = min(max(last, 1), 100)
        } else {
            throw .noSteps
        }
    }

    /// The weight after `weight`, or `nil` when the maximum is reached and promotion is next. Never more than 100;
    /// a linear step may pass `maximum` (step 20, maximum 50: 20, 40, 60).
    package func weight(after weight: TrafficWeights) -> TrafficWeights? {
        guard weight.canary < maximum else { return nil }
        return TrafficWeights(canary: weight.canary + increment(at: weight.canary))
    }

    /// The weight after `weight` on the way back to the primary.
    package func weightTowardsPrimary(after weight: TrafficWeights) -> TrafficWeights {
        TrafficWeights(canary: promotionStep == 0 ? 0 : weight.canary - promotionStep)
    }

    /// A weight that is none of the ladder's (someone edited the route) goes straight to 100, as users know it.
    private func increment(at weight: Int) -> Int {
        if step > 0 { return step }
        if weight == 0 { return ladder.first { $0 > 0 } ?? 100 }
        guard let index = ladder.firstIndex(of: weight) else { return 100 - weight }
        return (ladder[index...].first { $0 > weight } ?? 100) - weight
    }
}
