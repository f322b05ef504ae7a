import Model

/// The samples of a join before all series of its result are known. 16 bytes for a float.
struct JoinedSamples {
    private var floats: [(series: UInt32, step: UInt32, value: Double)] = []
    private var histograms: [(series: UInt32, step: UInt32, histogram: FloatHistogram)] = []
    private var histogramBytes = 0

    /// Number of samples.
    var count: Int { floats.count + histograms.count }
    /// Bytes that they take.
    var bytes: Int { floats.capacity * 16 + histogramBytes }

    /// Adds a sample.
    mutating func add(_ value: SampleValue, series: Int, step: Int) {
        switch value {
        case .float(let value): floats.append((UInt32(series), UInt32(step), value))
        case .histogram(let histogram):
            histograms.append((UInt32(series), UInt32(step), histogram))
            histogramBytes += histogram.bytes
        }
    }

    /// Puts all samples into the table of the result.
    func put(into out: inout SeriesVector) {
        let steps = out.stepCount
        for (series, step, value) in floats { out.set(Int(series) * steps + Int(step), value) }
        for (series, step, histogram) in histograms { out.histograms[Int(series) * steps + Int(step)] = histogram }
    }
}

/// The signatures and results seen at one step of a join, to find duplicates.
struct StepResults {
    /// The step.
    private(set) var step = -1
    /// Whether two elements with the same labels were put out.
    private(set) var hasTwins = false
    /// Of each signature the last step that had it.
    private var signatures: [Int]
    /// Of each result the last step that had it, and the signature it first came of there.
    private var results: [(step: Int, signature: Int)] = []
    /// Of each result the last step at which it was put out.
    private var outputs: [Int] = []
    /// Results of this step that came of another signature, too.
    private var others: Set<[Int]> = []

    /// No step yet.
    init(signatureCount: Int) { signatures = Array(repeating: -1, count: signatureCount) }

    /// Starts the next step with nothing seen.
    mutating func begin(_ step: Int) {
        self.step = step
        others.removeAll(keepingCapacity: true)
    }

    /// Whether the step has had a match with this signature.
    func has(signature: Int) -> Bool { signatures[signature] == step }

    /// Notes a match.
    mutating func note(signature: Int) { signatures[signature] = step }

    /// Notes a match that leads to a result; `false` when the signature has led to it at this step before.
    mutating func note(_ result: Int, signature: Int) -> Bool {
        note(signature: signature)
        while results.count <= result { results.append((-1, -1)) }
        if results[result].step != step {
            results[result] = (step, signature)
            return true
        }
        return results[result].signature != signature && others.insert([result, signature]).inserted
    }

    /// Notes that a result has a sample at this step.
    mutating func putOut(_ result: Int) {
        while outputs.count <= result { outputs.append(-1) }
        if outputs[result] == step { hasTwins = true }
        outputs[result] = step
    }
}
