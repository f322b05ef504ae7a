import Model

/// The content of a frame of the head log (docs/format.md, "Head log"). How frames lie in a file is `Archive.FrameEnvelope`.
///
///     define  | 1 | group | kind | job | target | first column | label batch |
///     row     | 2 | group | sequence | row (RowCodec) |
///     series  | 3 | group | sequence | series chunk |
///     close   | 4 | group |
///     time    | 5 | now, zigzag |
///     gone    | 6 | group |
///
/// Sequence numbers count the row and series frames of one group from 0, for the group's life; a sealed chunk says
/// which of them it covers.
enum FrameContent {
    case define(group: UInt64, kind: GroupKind, key: GroupKey, firstColumn: Int, labels: NumberedLabels)
    case row(group: UInt64, sequence: UInt64, offset: Int)
    case series(group: UInt64, sequence: UInt64, offset: Int)
    case close(group: UInt64)
    case time(now: Timestamp)
    case gone(group: UInt64)

    static func define(
        _ group: UInt64, _ kind: GroupKind, _ key: GroupKey, firstColumn: Int, batch: [UInt8]
    ) -> [UInt8] {
        var out: [UInt8] = [1]
        out.putVarint(group)
        out.append(kind.rawValue)
        out.putText(key.job)
        out.putText(key.target)
        out.putVarint(firstColumn)
        return out + batch
    }

    static func row(_ group: UInt64, sequence: UInt64, _ row: ArraySlice<UInt8>) -> [UInt8] {
        samples(2, group, sequence, row)
    }

    static func series(_ group: UInt64, sequence: UInt64, _ chunk: [UInt8]) -> [UInt8] {
        samples(3, group, sequence, chunk[...])
    }

    private static func samples(
        _ kind: UInt8, _ group: UInt64, _ sequence: UInt64, _ bytes: ArraySlice<UInt8>
    ) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + 16)
        out.append(kind)
        out.putVarint(group)
        out.putVarint(sequence)
        out += bytes
        return out
    }

    static func close(_ group: UInt64) -> [UInt8] {
        var out: [UInt8] = [4]
        out.putVarint(group)
        return out
    }

    /// The frame for a group that retention has dropped: the group's frames before it mean nothing.
    static func gone(_ group: UInt64) -> [UInt8] {
        var out: [UInt8] = [6]
        out.putVarint(group)
        return out
    }

    /// The time frame: frames before it had been appended by then.
    static func time(_ now: Timestamp) -> [UInt8] {
        var out: [UInt8] = [5]
        out.putZigzag(now)
        return out
    }

    init(_ bytes: [UInt8]) throws(DecodeError) {
        let span = bytes.span
        var cursor = ByteCursor(span)
        let kind = try cursor.byte(span)
        if kind == 5 {
            self = .time(now: try cursor.zigzag(span))
            return
        }
        let group = try cursor.varint(span)
        switch kind {
        case 1:
            guard let groupKind = GroupKind(rawValue: try cursor.byte(span)) else {
                throw .invalid("an unknown kind of group", at: cursor.at)
            }
            let job = try cursor.text(span)
            let target = try cursor.text(span)
            let first = try cursor.count(span, limit: RowCodec.columnsMax)
            let labels = try LabelBatch.decode(span, &cursor)
            let key = GroupKey(job: job, target: target)
            self = .define(group: group, kind: groupKind, key: key, firstColumn: first, labels: labels)
        case 2: self = .row(group: group, sequence: try cursor.varint(span), offset: cursor.at)
        case 3: self = .series(group: group, sequence: try cursor.varint(span), offset: cursor.at)
        case 4: self = .close(group: group)
        case 6: self = .gone(group: group)
        default: throw .invalid("frame kind \(kind)", at: 0)
        }
    }
}
