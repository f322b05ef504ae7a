/// What running the query of a check gave.
package struct Measurement: Sendable, Hashable {
    /// The answer.
    package enum Answer: Sendable, Hashable {
        /// A number, NaN included.
        case value(Double)
        /// No series at all; the reason where it could be found.
        case empty(InconclusiveReason)
        /// The query could not be run or makes no numbers.
        case failed(CheckError)
    }

    /// The answer.
    package var answer: Answer
    /// Elements of the answer; with several the last one counts, as Flagger has it.
    package var elements = 1
    /// Series read.
    package var series = 0
    /// Samples read.
    package var samples = 0
    /// Series that were given a 0 at their beginning.
    package var zeroStarts = 0
    /// Requests behind the value, where they could be counted.
    package var requests: Double?
    /// The result of the sequential test, where the check asks for one and there were requests.
    package var sequential: SequentialOutcome?
    /// Whether all that matched were kubelet probes and requests to the proxy's admin port.
    package var onlyHealthProbes = false
    /// Things that make the value doubtful: damaged data, warnings of the engine.
    package var warnings: [String] = []

    /// A measurement.
    package init(_ answer: Answer) { self.answer = answer }
}
