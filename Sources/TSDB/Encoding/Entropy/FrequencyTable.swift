import Glibc

/// The frequency tables of the rANS coder: 128 built-in probability distributions over the symbols 0...31, instead of a table
/// per chunk, which would cost more bytes than a short column has.
///
/// A distribution is given by a mean (32 of them, each 1.25 times the one before) and a shape: Poisson, or negative binomial of
/// size 4, 1 (geometric) or 0.4. Its index is shape * 32 + mean. Frequencies are integers of at least 1 that add up to 4,096.
///
/// The tables are part of the format (docs/format.md, "Chunk of rows"). They are made with additions, multiplications and
/// divisions alone, which IEEE 754 rounds alike on every machine.
enum FrequencyTable {
    /// Frequencies are shares of 2^12.
    static let totalBits = 12
    static let total: UInt32 = 1 << UInt32(totalBits)
    /// Numbers 0...30 have a symbol of their own; the last one stands for all above.
    static let symbolCount = 32
    static let escape = symbolCount - 1
    /// Means rise by a quarter from one to the next.
    static let meanCount = 32
    /// Poisson, then rising overdispersion; number 2 is the geometric distribution.
    static let shapeCount = 4
    static let geometric = 2
    /// Entries of `firsts` per distribution.
    static let firstCount = 64

    /// The means, rising.
    static let means: [Double] = {
        var mean = 0.02
        var means: [Double] = []
        for _ in 0..<meanCount {
            means.append(mean)
            mean *= 1.25
        }
        return means
    }()

    /// Per distribution the cumulative frequencies: 33 numbers, of which number s is the sum of the frequencies below symbol s.
    static let sums: [UInt16] = {
        var sums: [UInt16] = []
        for shape in 0..<shapeCount {
            for mean in means {
                var sum: UInt32 = 0
                for frequency in frequencies(mean, shape) {
                    sums.append(UInt16(sum))
                    sum += frequency
                }
                sums.append(UInt16(sum))
            }
        }
        return sums
    }()

    /// Per distribution and 64th of the total the symbol with the first slot of it: where the search for a symbol begins.
    static let firsts: [UInt8] = {
        var firsts: [UInt8] = []
        for distribution in 0..<meanCount * shapeCount {
            var symbol = 0
            for slot in 0..<firstCount {
                while Int(sums[distribution * (symbolCount + 1) + symbol + 1]) <= slot << (totalBits - 6) {
                    symbol += 1
                }
                firsts.append(UInt8(symbol))
            }
        }
        return firsts
    }()

    /// Per distribution and symbol its cost, -log2 of its share, in 64ths of a bit. For choosing only; not part of the format.
    static let costs: [UInt16] = {
        var costs: [UInt16] = []
        for distribution in 0..<meanCount * shapeCount {
            for symbol in 0..<symbolCount {
                let index = distribution * (symbolCount + 1) + symbol
                let share = Double(sums[index + 1] - sums[index]) / Double(total)
                costs.append(UInt16(-64 * log2(share)))
            }
        }
        return costs
    }()

    private static func frequencies(_ mean: Double, _ shape: Int) -> [UInt32] {
        // Sizes of a negative binomial distribution; a Poisson distribution is that of infinite size.
        let size = [0, 4, 1, 0.4][shape]
        let share = mean / (mean + size)
        var weights = [Double](repeating: 0, count: symbolCount)
        var weight = 1.0
        var sum = 0.0
        for number in 0..<symbolCount * 8 {
            weights[min(number, escape)] += weight
            sum += weight
            let next = Double(number + 1)
            weight *= shape == 0 ? mean / next : (size + Double(number)) / next * share
        }
        var frequencies = weights.map { max(1, UInt32($0 / sum * Double(total))) }
        var most = 0
        for symbol in 0..<symbolCount where frequencies[symbol] > frequencies[most] { most = symbol }
        frequencies[most] = frequencies[most] &+ (total &- frequencies.reduce(0, &+))
        return frequencies
    }

    /// The index of the distribution with a shape (0..<4) and the mean of an index (0..<32).
    @inline(__always)
    static func distribution(mean: Int, shape: Int) -> Int { shape &* meanCount &+ mean }

    /// The index of the mean that is closest to `mean`.
    static func nearest(_ mean: Double) -> Int {
        var low = 0
        // The border between two means lies an eighth above the lower one.
        while low < meanCount - 1, means[low] * 1.125 < mean { low += 1 }
        return low
    }
}

/// The fixed distributions of the numbers that describe columns: patterns, kinds, lengths, modes.
enum DescriptionDistribution {
    /// For numbers that are nearly always 0.
    static let rare = FrequencyTable.distribution(mean: 4, shape: FrequencyTable.geometric)
    /// For numbers that are mostly 0.
    static let small = FrequencyTable.distribution(mean: 13, shape: FrequencyTable.geometric)
    /// For numbers of about 3.
    static let few = FrequencyTable.distribution(mean: 22, shape: FrequencyTable.geometric)
    /// For numbers of about 7.
    static let some = FrequencyTable.distribution(mean: 26, shape: FrequencyTable.geometric)
}
