import Glibc

/// How the pods of a workload answer.
package struct WorkloadProfile: Sendable, Hashable {
    /// Share of answers that are 500, 0...1.
    package var errorRate: Double
    /// Share of the other answers that are 404, 0...1.
    package var notFoundRate: Double
    /// 99th percentile of the latency, in milliseconds.
    package var p99: Double
    /// Deviation of the logarithm of the latency.
    package var spread: Double

    /// The 99 % quantile of the standard normal distribution.
    private static let z99 = 2.326_347_874_040_841

    /// A profile; values out of range are clamped.
    package init(errorRate: Double = 0, notFoundRate: Double = 0.007, p99: Double = 80, spread: Double = 0.7) {
        self.errorRate = WorkloadProfile.share(errorRate)
        self.notFoundRate = WorkloadProfile.share(notFoundRate)
        self.p99 = p99.isFinite ? min(max(p99, 0.01), 600_000) : 80
        self.spread = spread.isFinite ? min(max(spread, 0), 3) : 0.7
    }

    private static func share(_ value: Double) -> Double { value.isFinite ? min(max(value, 0), 1) : 0 }

    /// The status of an answer, from a uniform draw.
    func status(_ draw: Double) -> Int {
        if draw < errorRate { return 500 }
        return draw < errorRate + notFoundRate * (1 - errorRate) ? 404 : 200
    }

    /// The latency of an answer in milliseconds, from a normal draw. Log-normal, so that 1 % lies above ``p99``.
    func latency(_ draw: Double) -> Double {
        min(p99 * exp(spread * (draw - WorkloadProfile.z99)), 3_600_000)
    }
}
