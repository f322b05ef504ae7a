package import Model

/// A promqltest script, read.
package struct Script: Sendable {
    /// One step of a script.
    package enum Command: Sendable {
        /// Drops all data.
        case clear
        /// Adds data.
        case load(Load)
        /// Asks and compares.
        case eval(Eval)
    }

    /// `load 1m` with its series.
    package struct Load: Sendable {
        /// The line of the command, from 1.
        package var line: Int
        /// The series in the order written; of equal label sets only the last is kept.
        package var series: [SeriesSamples]
        /// Whether classic histograms are also stored as native ones with custom buckets.
        package var addsCustomBuckets: Bool
    }

    /// `eval instant` or `eval range` with what is expected.
    package struct Eval: Sendable {
        /// The line of the command, from 1.
        package var line: Int
        /// The query as written.
        package var query: String
        /// When it is evaluated.
        package var time: EvalTime
        /// What should come.
        package var expectation = Expectation()
    }

    /// When a query is evaluated.
    package enum EvalTime: Sendable, Hashable {
        /// At one time.
        case instant(Timestamp)
        /// At every step of a range.
        case range(StepRange)
    }

    /// `from`, `from + step`, ... up to `through`.
    package struct StepRange: Sendable, Hashable {
        /// The first time.
        package var from: Timestamp
        /// The last time, or the end of the last, shorter step.
        package var through: Timestamp
        /// The distance of two times.
        package var step: Milliseconds
    }

    /// The steps in order.
    package var commands: [Command]

    /// Reads a script; every query in it must parse.
    package init(_ text: String) throws(ScriptError) {
        var parser = ScriptParser(text)
        commands = try parser.commands()
    }

    /// The lines, from 1, on which an `eval` begins, whether or not the script can be read.
    package static func evalLines(_ text: String) -> [(line: Int, text: String)] {
        ScriptLines(text).lines.enumerated().filter { ScriptLines.command(of: $0.element).hasPrefix("eval") }
            .map { ($0.offset + 1, $0.element) }
    }
}
