/// A part of a line that an earlier line of the same body has, too.
struct Stretch {
    /// The number of that line.
    var line: Int
    /// Where it begins there.
    var from: Int
    /// The part of the line at hand, in the body.
    var part: ByteRange
}

/// Where a line of a template stands in a body, without its value; empty for a line without sample. Eight bytes, as there
/// is one per line.
struct LineSpan {
    private var start: UInt32
    private var end: UInt32

    init(_ range: ByteRange) {
        // Bodies are far smaller. A place that is cut off names other bytes, and what is compared with them differs.
        start = UInt32(truncatingIfNeeded: range.start)
        end = UInt32(truncatingIfNeeded: range.end)
    }

    var range: ByteRange { ByteRange(Int(start), Int(end)) }
}

/// Finds stretches of a line in the lines before it, by the long labels that they have in common. Used while a template
/// is made.
struct StretchIndex {
    /// Where a label was first seen.
    private struct Place {
        var line: Int
        /// Where it begins in the body.
        var start: Int
    }

    /// Shorter labels are in too many lines to tell one from the other.
    private static let labelMin = 16
    /// Labels that are remembered.
    private static let labelsMax = 4_096
    /// Labels of one line that are looked up.
    private static let lookUpsMax = 32

    private var places: [UInt64: Place] = [:]

    /// Remembers the labels in `range` of `bytes`, which belongs to the line of this number.
    mutating func add(_ range: ByteRange, line: Int, of bytes: BodyBytes) {
        guard range.count >= Self.labelMin, places.count < Self.labelsMax else { return }
        Self.forEachLabel(in: range, of: bytes) { label in
            let hash = bytes.hash(label, seed: 0)
            if places[hash] == nil { places[hash] = Place(line: line, start: label.start) }
            return places.count < Self.labelsMax
        }
    }

    /// The longest stretch found of `range` that an earlier line has. `lines` says where those stand in `bytes`.
    func find(_ range: ByteRange, in lines: [LineSpan], of bytes: BodyBytes) -> Stretch? {
        var best: Stretch?
        var lookUps = 0
        Self.forEachLabel(in: range, of: bytes) { label in
            lookUps += 1
            // A longer stretch around this label would have been found from the label before.
            if let best, best.part.end >= label.end { return lookUps < Self.lookUpsMax }
            guard let place = places[bytes.hash(label, seed: 0)], place.line < lines.count else {
                return lookUps < Self.lookUpsMax
            }
            let line = lines[place.line].range
            let before = bytes.commonSuffix(
                ByteRange(line.start, place.start), ByteRange(range.start, label.start))
            let length =
                before + bytes.commonPrefix(ByteRange(place.start, line.end), ByteRange(label.start, range.end))
            if length > best?.part.count ?? 0 {
                let start = label.start - before
                best = Stretch(
                    line: place.line, from: place.start - before - line.start, part: ByteRange(start, start + length))
            }
            return lookUps < Self.lookUpsMax
        }
        return best
    }

    /// Calls `body` with what stands between commas or braces and is long enough, until it returns false.
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
