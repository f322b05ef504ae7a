/// A verdict with its evidence.
///
/// Most verdicts are superseded before anybody reads them, so one may be kept as the numbers it rests on and is written
/// out when it is asked for. Two verdicts are equal when their texts are.
package struct StoredVerdict: Sendable, Hashable {
    /// The analysis that made it.
    package let name: AnalysisName
    /// The moment for which it holds.
    package let time: Timestamp
    private let texts: any VerdictTexts

    /// A verdict that is written out already.
    package init(name: AnalysisName, time: Timestamp, verdict: [UInt8], facts: [UInt8]) {
        self.init(name: name, time: time, WrittenTexts(verdict, facts))
    }

    /// A verdict that is written out when it is asked for.
    package init(name: AnalysisName, time: Timestamp, _ texts: any VerdictTexts) {
        self.name = name
        self.time = time
        self.texts = texts
    }

    /// The verdict as the API's JSON has it: rendered queries, values, windows, counts, reasons.
    package var verdict: [UInt8] { texts.verdict() }

    /// What else was known when it was judged, as JSON.
    package var facts: [UInt8] { texts.facts() }

    /// The same verdict, written out: for those who read it more than once.
    package var written: StoredVerdict { StoredVerdict(name: name, time: time, verdict: verdict, facts: facts) }

    /// Bytes of its texts, about.
    package var textSize: Int { texts.textSize }

    /// Bytes that it takes in memory, about.
    package var byteCount: Int { texts.byteCount + 96 }

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

/// The texts of a verdict, or what it rests on, from which they follow: the same ones whenever they are asked for.
package protocol VerdictTexts: AnyObject, Sendable {
    /// See `StoredVerdict.verdict`.
    func verdict() -> [UInt8]
    /// See `StoredVerdict.facts`.
    func facts() -> [UInt8]
    /// Bytes of both texts, about, without writing them.
    var textSize: Int { get }
    /// Bytes that it takes as it is, about.
    var byteCount: Int { get }
}

/// Texts as such.
private final class WrittenTexts: VerdictTexts {
    private let both: (verdict: [UInt8], facts: [UInt8])

    init(_ verdict: [UInt8], _ facts: [UInt8]) { both = (verdict, facts) }

    func verdict() -> [UInt8] { both.verdict }
    func facts() -> [UInt8] { both.facts }
    var textSize: Int { both.verdict.count + both.facts.count }
    var byteCount: Int { textSize }
}
