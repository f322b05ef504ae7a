import Model

extension Evaluation {
    /// `limitk`: the first elements of each group in the order of their labels.
    func limitK(
        _ plan: AggregatePlan, _ parameter: [Double], _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        let limits = try counts(parameter)
        let operand = sortedByLabels(operand)
        let groups = groups(plan.grouping, operand)
        let steps = operand.stepCount
        var out = operand
        for step in 0..<steps {
            if step & 63 == 0 { try checkInterruption() }
            var taken = Array(repeating: 0, count: groups.count)
            for (series, group) in groups.groupOf.enumerated() {
                let cell = series * steps + step
                guard operand.hasSample(cell) else { continue }
                if taken[group] < limits[step] {
                    taken[group] += 1
                } else {
                    out.present[cell] = false
                    out.histograms[cell] = nil
                }
            }
        }
        return out
    }

    /// `limit_ratio`: the elements whose labels hash to the lower (ratio above 0) or upper (below 0) part of the range.
    func limitRatio(
        _ plan: AggregatePlan, _ parameter: [Double], _ operand: SeriesVector
    ) throws(QueryError) -> SeriesVector {
        if parameter.contains(where: \.isNaN) { throw .evaluation("Ratio value is NaN") }
        for ratio in parameter where ratio.magnitude > 1 {
            let limit = ratio > 0 ? "1" : "-1"
            annotations.add(
                .warning,
                "ratio value should be between -1 and 1, got \(GoFormat.general(ratio)), capping to \(limit)",
                at: plan.parameterPosition)
        }
        var out = operand
        let steps = operand.stepCount
        for series in 0..<operand.seriesCount {
            let hash = LabelHash.hash(overlay.labels(operand.labels.pairs(of: series)))
            let share = Double(hash) / Double(UInt64.max)
            for step in 0..<steps {
                let ratio = min(max(parameter[step], -1), 1)
                let kept = ratio >= 0 ? share < ratio : share >= 1 + ratio
                if kept { continue }
                out.present[series * steps + step] = false
                out.histograms[series * steps + step] = nil
            }
        }
        return out
    }

    /// The series in the order of their labels.
    private func sortedByLabels(_ vector: SeriesVector) -> SeriesVector {
        let labels = overlay.labels(of: 0..<vector.seriesCount, in: vector.labels)
        return vector.selecting((0..<vector.seriesCount).sorted { labels[$0] < labels[$1] })
    }
}

/// The hash of a label set that decides about `limit_ratio`: 64-bit xxHash of the length-prefixed texts.
enum LabelHash {
    /// The hash.
    static func hash(_ labels: Labels) -> UInt64 {
        var bytes: [UInt8] = []
        for label in labels {
            append(label.name, to: &bytes)
            append(label.value, to: &bytes)
        }
        return XXHash64.hash(bytes)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let count = text.utf8.count
        if count < 255 {
            bytes.append(UInt8(count))
        } else {
            bytes += [255, UInt8(count & 255), UInt8(count >> 8 & 255), UInt8(count >> 16 & 255)]
        }
        bytes += text.utf8
    }
}

/// 64-bit xxHash with seed 0.
enum XXHash64 {
    private static let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
    private static let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let prime3: UInt64 = 0x1656_67b1_9e37_79f9
    private static let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
    private static let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

    /// The hash of some bytes.
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        var at = 0
        var state: UInt64
        if bytes.count >= 32 {
            var lanes: [UInt64] = [prime1 &+ prime2, prime2, 0, 0 &- prime1]
            while at + 32 <= bytes.count {
                for lane in 0..<4 { lanes[lane] = round(lanes[lane], word(bytes, at + lane * 8)) }
                at += 32
            }
            state = rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12) &+ rotated(lanes[3], 18)
            for lane in lanes { state = (state ^ round(0, lane)) &* prime1 &+ prime4 }
        } else {
            state = prime5
        }
        state &+= UInt64(bytes.count)
        while at + 8 <= bytes.count {
            state = rotated(state ^ round(0, word(bytes, at)), 27) &* prime1 &+ prime4
            at += 8
        }
        if at + 4 <= bytes.count {
            let half = (0..<4).reduce(UInt64(0)) { $0 | UInt64(bytes[at + $1]) << UInt64($1 * 8) }
            state = rotated(state ^ (half &* prime1), 23) &* prime2 &+ prime3
            at += 4
        }
        while at < bytes.count {
            state = rotated(state ^ (UInt64(bytes[at]) &* prime5), 11) &* prime1
            at += 1
        }
        state = (state ^ state >> 33) &* prime2
        state = (state ^ state >> 29) &* prime3
        return state ^ state >> 32
    }

    private static func word(_ bytes: [UInt8], _ at: Int) -> UInt64 {
        (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[at + $1]) << UInt64($1 * 8) }
    }

    private static func round(_ state: UInt64, _ input: UInt64) -> UInt64 {
        rotated(state &+ input &* prime2, 31) &* prime1
    }

    private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
}
