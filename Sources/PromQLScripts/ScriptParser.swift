import Model
import PromQL

/// Reads a script line by line. Blank lines end blocks.
struct ScriptParser {
    let lines: [String]
    /// Index of the line to be read next.
    var next = 0

    /// A parser at the start of a text.
    init(_ text: String) { lines = ScriptLines(text).lines }

    /// The number, from 1, of the line read last.
    var line: Int { next }

    /// All commands.
    mutating func commands() throws(ScriptError) -> [Script.Command] {
        var commands: [Script.Command] = []
        while next < lines.count {
            let text = lines[next]
            next += 1
            if text.isEmpty { continue }
            let command = ScriptLines.command(of: text)
            if command == "clear" {
                commands.append(.clear)
            } else if command.hasPrefix("load") {
                commands.append(.load(try load(text)))
            } else if command.hasPrefix("eval") {
                commands.append(.eval(try eval(text)))
            } else {
                throw ScriptError(line: line, "invalid command \(GoQuote.quoted(text))")
            }
        }
        return commands
    }

    /// The next line of a block, `nil` at its end.
    mutating func blockLine() -> String? {
        guard next < lines.count, !lines[next].isEmpty else { return nil }
        next += 1
        return lines[next - 1]
    }

    /// Runs `body`; its errors are about the line read last.
    func located<T>(_ body: () throws(ScriptError) -> T) throws(ScriptError) -> T {
        do throws(ScriptError) {
            return try body()
        } catch {
            throw ScriptError(line: line, error.message)
        }
    }

    /// A duration as milliseconds.
    func duration(_ text: String, of what: String) throws(ScriptError) -> Milliseconds {
        do throws(PrometheusDuration.Failure) {
            return try PrometheusDuration.parse(text)
        } catch {
            throw ScriptError(line: line, "invalid \(what) \(GoQuote.quoted(text)): \(error.description)")
        }
    }

    private mutating func load(_ text: String) throws(ScriptError) -> Script.Load {
        let (first, step) = ScriptLines.firstWord(text)
        let word = first.lowercased()
        guard word == "load" || word == "load_with_nhcb", !step.isEmpty else {
            throw ScriptError(line: line, "invalid load command, wanted load[_with_nhcb] <interval>")
        }
        let interval = try duration(step, of: "step definition")
        var load = Script.Load(line: line, series: [], addsCustomBuckets: word == "load_with_nhcb")
        var indexes: [Labels: Int] = [:]
        while let text = blockLine() {
            let starts =
                StartTimeNotation.matches(text)
                ? try located { () throws(ScriptError) in try StartTimeNotation(text) } : nil
            let startLine = line
            guard let sampleLine = starts == nil ? text : blockLine() else {
                throw ScriptError(line: startLine, "@st line has no following sample line")
            }
            let series = try located { () throws(ScriptError) in try SeriesNotation(sampleLine) }
            if let starts {
                guard starts.labels == series.labels else {
                    throw ScriptError(
                        line: startLine, "@st metric does not match the following sample line metric")
                }
                guard starts.offsets.count == series.values.count else {
                    let counts = "\(starts.offsets.count) values but sample line has \(series.values.count)"
                    throw ScriptError(line: startLine, "@st line has \(counts)")
                }
            }
            let samples = try located { () throws(ScriptError) in
                try Self.samples(series, every: interval, starts?.offsets ?? [])
            }
            if let index = indexes[series.labels] {
                load.series[index] = samples
            } else {
                indexes[series.labels] = load.series.count
                load.series.append(samples)
            }
        }
        return load
    }

    /// Gives the values their times.
    private static func samples(
        _ notation: SeriesNotation, every interval: Milliseconds, _ starts: [Milliseconds?]
    ) throws(ScriptError) -> SeriesSamples {
        var samples = SeriesSamples(labels: notation.labels, times: [], values: [])
        for (index, value) in notation.values.enumerated() {
            let (time, overflow) = interval.multipliedReportingOverflow(by: Milliseconds(index))
            if overflow { throw ScriptError(line: 0, "the times of the samples are out of range") }
            switch value {
            case .omitted: continue
            case .float(let number): samples.values.append(.float(number))
            case .histogram(let histogram, _): samples.values.append(.histogram(histogram))
            }
            samples.times.append(time)
            if !starts.isEmpty { samples.startTimes.append(starts[index].map { time &+ $0 } ?? 0) }
        }
        return samples
    }
}
