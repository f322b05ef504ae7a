import Model

extension Evaluation {
    /// A binary operation.
    func evaluate(binary plan: BinaryPlan, over grid: StepGrid) throws(QueryError) -> NodeValue {
        switch (plan.left.isScalar, plan.right.isScalar) {
        case (true, true):
            let left = try scalar(plan.left, over: grid)
            let right = try scalar(plan.right, over: grid)
            return .scalar(zip(left, right).map { BinaryArithmetic.scalar(plan.op, $0, $1) ?? .nan })
        case (false, true):
            let left = try vector(plan.left, over: grid)
            let right = try scalar(plan.right, over: grid)
            return .vector(try combine(plan, left, right, vectorIsLeft: true))
        case (true, false):
            let left = try scalar(plan.left, over: grid)
            let right = try vector(plan.right, over: grid)
            return .vector(try combine(plan, right, left, vectorIsLeft: false))
        case (false, false):
            let left = try vector(plan.left, over: grid)
            let right = try vector(plan.right, over: grid)
            if plan.op.isSet { return .vector(try setOperation(plan, left, right)) }
            return .vector(try join(plan, left, right))
        }
    }

    /// Every element of a vector with the scalar of its step.
    private func combine(
        _ plan: BinaryPlan, _ vector: SeriesVector, _ scalar: [Double], vectorIsLeft: Bool
    ) throws(QueryError) -> SeriesVector {
        guard let operation = ElementOperation(plan.op, returnsBool: plan.returnsBool, keepsRight: !vectorIsLeft)
        else {
            return try trimmed(plan, vector, scalar, vectorIsLeft: vectorIsLeft)
        }
        var out = vector
        let steps = vector.stepCount
        vector.present.forEach { cell in
            let (value, other) = (vector.values[cell], scalar[steps == 1 ? 0 : cell % steps])
            if let result = vectorIsLeft ? operation.apply(value, other) : operation.apply(other, value) {
                out.values[cell] = result
            } else {
                out.present[cell] = false
            }
        }
        for (cell, histogram) in vector.histograms {
            out.histograms[cell] = nil
            let left: SampleValue = vectorIsLeft ? .histogram(histogram) : .float(scalar[cell % steps])
            let right: SampleValue = vectorIsLeft ? .float(scalar[cell % steps]) : .histogram(histogram)
            switch try combineHistograms(plan, left, right) {
            case .none: continue
            case .float(let value): out.set(cell, value)
            case .histogram(let result): out.histograms[cell] = result
            }
        }
        return operation.changesMeaning || plan.returnsBool ? try droppingName(out) : out
    }

    /// `</` and `>/` concern native histograms only: floats are incompatible with them.
    private func trimmed(
        _ plan: BinaryPlan, _ vector: SeriesVector, _ scalar: [Double], vectorIsLeft: Bool
    ) throws(QueryError) -> SeriesVector {
        var out = SeriesVector(labels: vector.labels, stepCount: vector.stepCount)
        if vector.present.count > 0 { noteIncompatible(plan, "float", "float") }
        for (cell, histogram) in vector.histograms {
            let bound = SampleValue.float(scalar[cell % vector.stepCount])
            let (left, right) =
                vectorIsLeft ? (SampleValue.histogram(histogram), bound) : (bound, .histogram(histogram))
            if case .histogram(let result)? = try combineHistograms(plan, left, right) { out.histograms[cell] = result }
        }
        return out
    }

    /// An operation with at least one native histogram. What is not defined is left out with an info.
    func combineHistograms(
        _ plan: BinaryPlan, _ left: SampleValue, _ right: SampleValue
    ) throws(QueryError) -> SampleValue? {
        switch (left, right, plan.op) {
        case (.histogram(var histogram), .float(let factor), .multiply),
            (.float(let factor), .histogram(var histogram), .multiply):
            histogram.scale(by: factor)
            return .histogram(histogram)
        case (.histogram(var histogram), .float(let divisor), .divide):
            histogram.divide(by: divisor)
            return .histogram(histogram)
        case (.histogram(let one), .histogram(let other), .add):
            return sum(one, other, 1, plan).map(SampleValue.histogram)
        case (.histogram(let one), .histogram(let other), .subtract):
            return sum(one, other, -1, plan).map(SampleValue.histogram)
        case (.histogram(let one), .histogram(let other), .equal),
            (.histogram(let one), .histogram(let other), .notEqual):
            let holds = one.equals(other) == (plan.op == .equal)
            if plan.returnsBool { return .float(holds ? 1 : 0) }
            return holds ? left : nil
        case (.histogram(let histogram), .float(let bound), .trimUpper),
            (.histogram(let histogram), .float(let bound), .trimLower):
            return .histogram(HistogramTrim.trimmed(histogram, at: bound, keepsBelow: plan.op == .trimUpper))
        case (.histogram, .histogram, _): noteIncompatible(plan, "histogram", "histogram")
        case (.histogram, .float, _): noteIncompatible(plan, "histogram", "float")
        case (.float, .histogram, _): noteIncompatible(plan, "float", "histogram")
        case (.float, .float, _): noteIncompatible(plan, "float", "float")
        }
        return nil
    }

    /// The sum or difference of two native histograms; a difference is a gauge.
    private func sum(_ one: FloatHistogram, _ other: FloatHistogram, _ sign: Double, _ plan: BinaryPlan)
        -> FloatHistogram?
    {
        var accumulator = HistogramAccumulator(one)
        guard accumulator.add(other, sign: sign) else {
            annotations.add(
                .warning, "incompatible bucket layout encountered for binary operator \(plan.op.rawValue)",
                at: plan.position)
            return nil
        }
        let what = sign > 0 ? "addition" : "subtraction"
        note(accumulator.hintsConflict, accumulator.boundsDiffered, what, at: plan.position)
        var result = accumulator.histogram
        if sign < 0 { result.counterResetHint = .gauge }
        return result
    }

    /// Notes that two kinds of samples do not go together.
    func noteIncompatible(_ plan: BinaryPlan, _ left: String, _ right: String) {
        annotations.add(
            .info,
            "incompatible sample types encountered for binary operator \(GoQuote.quoted(plan.op.rawValue)): "
                + "\(left) \(plan.op.rawValue) \(right)", at: plan.position)
    }
}
