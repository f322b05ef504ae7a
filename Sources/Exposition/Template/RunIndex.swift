/// A run of bytes that a line shares with an earlier line of the same body.
struct SharedRun {
    /// Number of the earlier line.
    var line: Int
    /// Offset of the run in the earlier line.
    var sourceOffset: Int
    /// The run in the line at hand, in offsets of the body.
    var range: ByteRange
}

/// The range of a sample line in a body, up to its value; empty for a line without sample. Eight bytes, as there is one per
/// line.
struct LineSpan {
    private var start: UInt32
    private var end: UInt32

    init(_ range: ByteRange) {
        // Bodies are far smaller than 4 GiB. A truncated offset would name other bytes, which then differ when compared.
        start = UInt32(truncatingIfNeeded: range.start)
        end = UInt32(truncatingIfNeeded: range.end)
    }

    var range: ByteRange { ByteRange(Int(start), Int(end)) }
}

/// An index of long labels, which finds the runs that a line shares with any earlier line. Used while a template is made.
///
/// The method is that of LZ77's hash chains with labels as anchors: each label of at least 16 bytes is hashed, the index
/// holds where the hash was first seen, and a match is extended to both sides as far as the two lines agree. Bounded: 4,096
/// labels are held, and 32 labels of a line are looked up.
struct RunIndex {
    /// Where a label was first seen.
    private struct Occurrence {
        /// Number of the line.
        var line: Int
        /// Offset of the label in the body.
        var start: Int
    }

    /// Bytes a label must have to be indexed: shorter ones occur in too many lines.
    private static let labelMin = 16
    /// Labels held at most.
    private static let labelsMax = 4_096
    /// Labels of one line that are looked up at most.
    private static let lookUpsMax = 32

    private var occurrences: [UInt64: Occurrence] = [:]

    /// Adds the labels in `range` of `bytes`, a part of the line of this number.
    mutating func add(_ range: ByteRange, line: Int, of bytes: BodyBytes) {
        guard range.count >= Self.labelMin, occurrences.count < Self.labelsMax else { return }
        Self.forEachLabel(in: range, of: bytes) { label in
            let hash = bytes.hash(label, seed: 0)
            if occurrences[hash] == nil { occurrences[hash] = Occurrence(line: line, start: label.start) }
            return occurrences.count < Self.labelsMax
        }
    }

    /// The longest run found that `range` shares with an earlier line. `lines` has the ranges of the earlier lines in
    /// `bytes`, by line number.
    func longestRun(in range: ByteRange, lines: [LineSpan], of bytes: BodyBytes) -> SharedRun? {
        var best: SharedRun?
        var lookUps = 0
        Self.forEachLabel(in: range, of: bytes) { label in
            lookUps += 1
            // A label inside of the best run can't begin a longer one: that would have been found from the label before.
            if let best, best.range.end >= label.end { return lookUps < Self.lookUpsMax }
            guard let first = occurrences[bytes.hash(label, seed: 0)], first.line < lines.count else {
                return lookUps < Self.lookUpsMax
            }
            let line = lines[first.line].range
            let before = bytes.commonSuffix(
                ByteRange(line.start, first.start), ByteRange(range.start, label.start))
            let length =
                before + bytes.commonPrefix(ByteRange(first.start, line.end), ByteRange(label.start, range.end))
            if length > best?.range.count ?? 0 {
                let start = label.start - before
                best = SharedRun(
                    line: first.line, sourceOffset: first.start - before - line.start,
                    range: ByteRange(start, start + length))
            }
            return lookUps < Self.lookUpsMax
        }
        return best
    }

    /// Calls `body` with each label of a range (the bytes between commas and braces) that is long enough, until it returns
    /// false.
    private static func forEachLabel(in range: ByteRange, of bytes: BodyBytes, _ body: (ByteRange) -> Bool) {
        var start = range.start
        for at in range.start..<range.end {
            let byte = bytes.byte(at)
            guard byte == 0x2c || byte == 0x7b || byte == 0x7d else { continue }
            if at - start >= labelMin, !body(ByteRange(start, at)) { return }
            start = at + 1
        }
    }
}
