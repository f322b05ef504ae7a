import Model

/// Codec of the label sets of new columns: a dictionary of texts, and front coding of the sets (each stores how many labels it
/// shares with the beginning of the set before, and the others). Format: docs/format.md, "Label batch".
///
///     +-------+----------------+---------+--------------------------------------------------+
///     | texts | (length, text) | columns | (pairs kept of the set before, pairs, (name, value)) |
///     +-------+----------------+---------+--------------------------------------------------+
enum LabelBatch {
    static func encode(_ sets: [Labels]) -> [UInt8] {
        var numbers: [Label: Int] = [:]
        var texts: [String] = []
        func number(_ text: String) -> Int {
            // `Label` hashes by bytes, which `String` doesn't.
            let key = Label(text, "")
            if let found = numbers[key] { return found }
            numbers[key] = texts.count
            texts.append(text)
            return texts.count - 1
        }
        var data: [UInt8] = []
        data.putVarint(sets.count)
        var before = Labels()
        for set in sets {
            var kept = 0
            while kept < min(set.count, before.count), set[kept] == before[kept] { kept += 1 }
            data.putVarint(kept)
            data.putVarint(set.count - kept)
            for index in kept..<set.count {
                data.putVarint(number(set[index].name))
                data.putVarint(number(set[index].value))
            }
            before = set
        }
        var out: [UInt8] = []
        out.putVarint(texts.count)
        for text in texts { out.putText(text) }
        return out + data
    }

    static func decode(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor) throws(DecodeError) -> NumberedLabels {
        let textCount = try cursor.count(bytes, limit: cursor.remaining)
        var sets = NumberedLabels()
        sets.texts.reserveCapacity(textCount)
        for _ in 0..<textCount { sets.texts.append(try cursor.text(bytes)) }
        let setCount = try cursor.count(bytes, limit: cursor.remaining / 2)
        var before: [NumberedLabels.Pair] = []
        for _ in 0..<setCount {
            let kept = try cursor.count(bytes, limit: before.count)
            let added = try cursor.count(bytes, limit: cursor.remaining / 2)
            before.removeLast(before.count - kept)
            for _ in 0..<added {
                let name = try cursor.varint(bytes)
                let value = try cursor.varint(bytes)
                guard name < UInt64(textCount), value < UInt64(textCount) else {
                    throw .invalid("a text number beyond the texts", at: cursor.at)
                }
                let pair = NumberedLabels.Pair(name: UInt32(name), value: UInt32(value))
                guard sets.mayFollow(pair, before.last) else {
                    throw .invalid("labels out of order, repeated or empty", at: cursor.at)
                }
                before.append(pair)
            }
            sets.append(before)
        }
        return sets
    }
}
