import Glibc

/// `response_latency_ms` of one label set: whole milliseconds, rounded down.
struct LatencyHistogram: Sendable, Hashable {
    /// The proxy's upper bounds, in milliseconds; `+Inf` follows.
    static let bounds: [Int] = [
        1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 10_000, 20_000,
        30_000, 40_000, 50_000,
    ]

    /// Observations per bucket, not cumulative; the last one is `+Inf`.
    private(set) var buckets = [UInt64](repeating: 0, count: LatencyHistogram.bounds.count + 1)
    private(set) var count: UInt64 = 0
    /// Milliseconds.
    private(set) var sum: UInt64 = 0

    /// The bucket of a whole number of milliseconds.
    static func bucket(of milliseconds: Int) -> Int {
        bounds.firstIndex { milliseconds <= $0 } ?? bounds.count
    }

    mutating func record(_ milliseconds: Int, times: UInt64 = 1) {
        buckets[LatencyHistogram.bucket(of: milliseconds)] += times
        count += times
        sum += UInt64(max(milliseconds, 0)) * times
    }
}

/// A histogram of the registry block, in seconds or bytes.
struct RegistryHistogram: Sendable, Hashable {
    static let requestSeconds = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 10]
    static let responseSeconds = [0.05, 0.5, 1, 10]
    static let frameBytes: [Double] = [128, 1_024, 10_240]
    static let queueSeconds = [0.0005, 0.005, 0.05, 0.5, 1, 3]
    static let detectSeconds = [0.001, 0.1]

    let bounds: [Double]
    private(set) var buckets: [UInt64]
    private(set) var count: UInt64 = 0
    private(set) var sum: Double = 0

    init(_ bounds: [Double]) {
        self.bounds = bounds
        buckets = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    mutating func record(_ value: Double) {
        buckets[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        count += 1
        sum += value
    }

    /// A histogram that saw `count` equal values.
    static func constant(_ bounds: [Double], _ value: Double, count: UInt64) -> RegistryHistogram {
        var histogram = RegistryHistogram(bounds)
        histogram.buckets[bounds.firstIndex { value <= $0 } ?? bounds.count] = count
        histogram.count = count
        histogram.sum = value * Double(count)
        return histogram
    }
}
