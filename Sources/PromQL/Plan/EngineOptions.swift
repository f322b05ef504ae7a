package import Model

/// Settings of an engine, the same for all its queries.
package struct EngineOptions: Sendable {
    /// How far back an instant selector looks for the newest sample. Milliseconds, above 0.
    package var lookback: Milliseconds = 300_000
    /// Most samples one query may hold at one time.
    package var samplesMax = 50_000_000
    /// Most bytes of result tables one query may hold at one time; `nil` for 25 per sample of `samplesMax` (1.25 GB
    /// by default) but at least 64 MiB. That is enough for a full table and the answer that it becomes.
    package var tableBytesMax: Int?
    /// Step of subqueries that name none. Milliseconds, above 0.
    package var subqueryStep: Milliseconds = 60_000
    /// Whether metric names are removed at the very end of a query instead of by each operation.
    package var delayedNameRemoval = false
    /// Which experimental syntax is allowed.
    package var parser: ParserOptions = .standard
    /// Whether counters' start times count as resets.
    package var useStartTimestamps = false
    /// Whether series carry `__type__` and `__unit__`, which then decide what is a counter.
    package var typeAndUnitLabels = false

    /// The server's defaults.
    package init() {}

    /// Most bytes of result tables one query may hold at one time.
    package var tableBytesLimit: Int {
        if let tableBytesMax { return tableBytesMax }
        let (bytes, overflow) = samplesMax.multipliedReportingOverflow(by: 25)
        return overflow ? .max : max(bytes, 1 << 26)
    }

    /// The server's defaults with every experimental function and syntax allowed.
    package static var experimental: EngineOptions {
        var options = EngineOptions()
        options.parser = .everything
        return options
    }
}

/// What one evaluation does differently from the engine's settings.
package struct QueryControl: Sendable {
    /// Replaces `EngineOptions.lookback`.
    package var lookback: Milliseconds?
    /// Asks the store to let counters that appear between two good scrapes begin at 0.
    package var zeroStart: Bool
    /// Asked now and then; a value ends the query.
    package var interruption: (@Sendable () -> QueryInterruption?)?

    /// Nothing different.
    package init(
        lookback: Milliseconds? = nil, zeroStart: Bool = false,
        interruption: (@Sendable () -> QueryInterruption?)? = nil
    ) {
        self.lookback = lookback
        self.zeroStart = zeroStart
        self.interruption = interruption
    }
}
