import Glibc

/// The distributions that symbols of sealed chunks are coded with: how often each of the small numbers comes, for numbers
/// of a given mean that scatter in a given way. They are part of the format.
///
/// They are made with additions, multiplications and divisions alone, which give the same bits on every machine.
enum FrequencyTable {
    /// A frequency is a share of this.
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
    /// Slots of `firsts` per distribution.
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

    /// Per distribution the sums of the frequencies before each symbol, and the total.
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

    /// Per distribution and 64th of the total the symbol that lies there at its start.
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

    /// Per distribution and symbol its length in 64ths of a bit.
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

    /// The distribution of a shape and the mean of a number.
    @inline(__always)
    static func distribution(mean: Int, shape: Int) -> Int { shape &* meanCount &+ mean }

    /// The number of the mean that is closest to `mean`.
    static func nearest(_ mean: Double) -> Int {
        var low = 0
        // The border between two means lies an eighth above the lower one.
        while low < meanCount - 1, means[low] * 1.125 < mean { low += 1 }
        return low
    }
}

/// Distributions of the numbers that describe columns.
enum DescriptionDistribution {
    /// Nearly always 0.
    static let rare = FrequencyTable.distribution(mean: 4, shape: FrequencyTable.geometric)
    /// Mostly 0.
    static let small = FrequencyTable.distribution(mean: 13, shape: FrequencyTable.geometric)
    /// A few.
    static let few = FrequencyTable.distribution(mean: 22, shape: FrequencyTable.geometric)
    /// Some.
    static let some = FrequencyTable.distribution(mean: 26, shape: FrequencyTable.geometric)
}
