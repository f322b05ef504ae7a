/// Counts the samples and bytes that an evaluation holds, and ends it when they become too many.
///
/// Samples are what Prometheus counts. Bytes are those of result tables, each cell of a table whether it holds a sample
/// or not, and of intermediate results that become tables: a join, a chain of operands, or labels that a query makes can take
/// any amount of memory for few samples.
struct SampleBudget {
    /// What is held at one time.
    struct Amount {
        /// Samples.
        var samples = 0
        /// Bytes of tables.
        var bytes = 0
    }

    /// Most samples at one time.
    let limit: Int
    /// Most bytes of tables at one time.
    let bytesLimit: Int
    /// What is held now.
    private(set) var held = Amount()
    /// Most samples held, and most bytes held or asked for, so far.
    private(set) var peak = Amount()

    /// Samples held now.
    var live: Int { held.samples }

    /// A budget of `limit` samples and `bytesLimit` bytes.
    init(limit: Int, bytesLimit: Int) {
        self.limit = limit
        self.bytesLimit = bytesLimit
    }

    /// Takes samples and the bytes of the table that holds them into account.
    mutating func add(samples: Int, bytes: Int) throws(QueryError) {
        held.samples += samples
        peak.samples = max(peak.samples, held.samples)
        if held.samples > limit { throw .tooManySamples }
        try reserve(bytes: bytes)
        held.bytes += bytes
    }

    /// Says that, of what was added since `held` was `mark`, only this is still held.
    mutating func settle(to mark: Amount, samples: Int, bytes: Int) {
        held = Amount(samples: mark.samples + samples, bytes: mark.bytes + bytes)
    }

    /// Refuses memory that is about to be taken when with it too much would be held. O(1).
    mutating func reserve(bytes: Int) throws(QueryError) {
        let (total, overflow) = held.bytes.addingReportingOverflow(bytes)
        if overflow || total > bytesLimit { throw .tooMuchMemory(limit: bytesLimit) }
        peak.bytes = max(peak.bytes, total)
    }

    /// Refuses a table before it is made: one with more cells than samples are allowed, however few of them are filled,
    /// or for which, with `besides` bytes that are needed to make it, there is no memory left. O(1).
    mutating func reserveTable(series: Int, steps: Int, besides: Int = 0) throws(QueryError) {
        let (cells, overflow) = series.multipliedReportingOverflow(by: steps)
        if overflow || cells > max(limit, 1 << 22) || cells > Int.max / 32 { throw .tooManySamples }
        try reserve(bytes: SeriesVector.bytes(ofCells: cells) + besides)
    }
}
