import Glibc

/// A small seeded generator (SplitMix64) with the distributions that traffic needs. Equal seeds give equal sequences
/// on every machine.
struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in 0 ..< 1.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Exponential with mean 1.
    mutating func exponential() -> Double { -log(1 - uniform()) }

    /// Normal with mean 0 and deviation 1. Always draws twice.
    mutating func normal() -> Double {
        let radius = sqrt(-2 * log(1 - uniform()))
        return radius * cos(2 * Double.pi * uniform())
    }

    /// Poisson; rounded normal where the mean is large.
    mutating func poisson(_ mean: Double) -> Int {
        if mean > 30 { return max(0, Int((mean + sqrt(mean) * normal()).rounded())) }
        var count = 0
        var left = mean - exponential()
        while left > 0 {
            count += 1
            left -= exponential()
        }
        return count
    }
}
