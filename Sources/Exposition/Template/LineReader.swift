internal import Model

/// Reads a line of a body from its value on, where the bytes before the value are known. Walk and resynchronising share it.
struct LineReader {
    let bytes: BodyBytes
    let format: ExpositionFormat
    let honorsTimestamps: Bool

    /// Reads a sample line from its value on and stores the sample in its slot. Returns the offset of the next line; `nil`
    /// when the line has to go through the full parser.
    func readSample(_ slot: Slot, at start: Int, into row: inout SampleRow, result: inout BodyResult) -> Int? {
        let first = bytes.byte(start)
        guard first != 0x7b, first != 0x20, first != 0x09, first != 0x0a else { return nil }
        guard let suffix = try? SuffixScanner(bytes: bytes, format: format).scan(from: start) else { return nil }
        return storeSample(suffix, slot, into: &row, result: &result) ? suffix.end : nil
    }

    /// Stores a sample in its slot. Returns false, and stores nothing, when the slot is for samples with timestamps of their
    /// own and this one has none, or the other way round.
    func storeSample(
        _ suffix: SampleSuffix, _ slot: Slot, into row: inout SampleRow, result: inout BodyResult
    ) -> Bool {
        let timestamp = honorsTimestamps ? suffix.timestamp : nil
        if slot == .dropped {
            result.dropped += 1
        } else if let index = slot.timedIndex {
            guard let timestamp else { return false }
            result.timed.append(BodyResult.TimedSample(series: index, time: timestamp, value: suffix.value))
        } else {
            guard timestamp == nil else { return false }
            let column = Int(slot.columnCode)
            row.grow(columnCount: column + 1)
            if row.setIfAbsent(column, to: suffix.value) { result.duplicates += 1 }
        }
        result.samples += 1
        return true
    }

    /// Passes a known line without sample that ends at `end`. Returns the offset of the next line; `nil` when the line has to
    /// go through the full parser.
    func passComment(_ slot: Slot, endingAt end: Int, type: inout MetricType) -> Int? {
        let next = min(end + 1, bytes.count)
        if slot == .end, next != bytes.count { return nil }
        if let newType = slot.type { type = newType }
        return next
    }
}
