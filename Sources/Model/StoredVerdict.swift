/// A verdict with its evidence.
///
/// Most verdicts are superseded before anybody reads them, so one may be kept as the numbers it rests on and is written
/// out when it is asked for. Two verdicts are equal when their texts are.
package struct StoredVerdict: Sendable, Hashable {
    private enum Content: Sendable {
        case written(verdict: [UInt8], facts: [UInt8])
        case kept(any UnwrittenVerdict)
    }

    /// Whose.
    package let name: AnalysisName
    /// The moment for which it holds.
    package let time: Timestamp
    private let content: Content

    /// A verdict that is written out already.
    package init(name: AnalysisName, time: Timestamp, verdict: [UInt8], facts: [UInt8]) {
        self.name = name
        self.time = time
        content = .written(verdict: verdict, facts: facts)
    }

    /// A verdict that is written out when it is asked for.
    package init(name: AnalysisName, time: Timestamp, _ verdict: any UnwrittenVerdict) {
        self.name = name
        self.time = time
        content = .kept(verdict)
    }

    /// The verdict as the API's JSON has it: rendered queries, values, windows, counts, reasons.
    package var verdict: [UInt8] {
        switch content {
        case .written(let verdict, _): verdict
        case .kept(let kept): kept.verdict()
        }
    }

    /// What else was known when it was judged, as JSON.
    package var facts: [UInt8] {
        switch content {
        case .written(_, let facts): facts
        case .kept(let kept): kept.facts()
        }
    }

    /// The same verdict, written out: for those who read it more than once.
    package var written: StoredVerdict {
        guard case .kept(let kept) = content else { return self }
        return StoredVerdict(name: name, time: time, verdict: kept.verdict(), facts: kept.facts())
    }

    /// Bytes of its texts, about.
    package var textSize: Int {
        switch content {
        case .written(let verdict, let facts): verdict.count + facts.count
        case .kept(let kept): kept.textSize
        }
    }

    /// Bytes that it takes in memory, about.
    package var byteCount: Int {
        switch content {
        case .written(let verdict, let facts): verdict.count + facts.count + 96
        case .kept(let kept): kept.byteCount + 96
        }
    }

    /// By name, time and texts.
    package static func == (left: StoredVerdict, right: StoredVerdict) -> Bool {
        left.time == right.time && left.name == right.name && left.verdict == right.verdict
            && left.facts == right.facts
    }

    /// By name and time.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(time)
    }
}

/// What a verdict rests on, from which its texts follow: the same ones whenever they are asked for.
package protocol UnwrittenVerdict: AnyObject, Sendable {
    /// See `StoredVerdict.verdict`.
    func verdict() -> [UInt8]
    /// See `StoredVerdict.facts`.
    func facts() -> [UInt8]
    /// Bytes of both texts, about, without writing them.
    var textSize: Int { get }
    /// Bytes that it takes as it is, about.
    var byteCount: Int { get }
}
