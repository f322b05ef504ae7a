/// Counts the samples that an evaluation holds, and ends it when they become too many.
struct SampleBudget {
    /// Most samples at one time.
    let limit: Int
    /// Samples held now.
    private(set) var live = 0
    /// Most samples held so far.
    private(set) var peak = 0

    /// A budget of `limit` samples.
    init(limit: Int) { self.limit = limit }

    /// Takes samples into account.
    mutating func add(_ count: Int) throws(QueryError) {
        live += count
        peak = max(peak, live)
        if live > limit { throw .tooManySamples }
    }

    /// Says that, of what was added since `live` was `mark`, only `count` samples are still held.
    mutating func settle(to mark: Int, plus count: Int) { live = mark + count }

    /// Refuses a table that is too large for memory although few of its cells may hold samples.
    func checkTable(series: Int, steps: Int) throws(QueryError) {
        let (cells, overflow) = series.multipliedReportingOverflow(by: steps)
        if overflow || cells > max(limit, 1 << 22) { throw .tooManySamples }
    }
}
