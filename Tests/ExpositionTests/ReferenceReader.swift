import Exposition
import Model

/// Gives each label set a number, as a scrape does. Label sets with `drop="yes"` are dropped.
struct Numbering {
    var columns: [Labels: Int] = [:]
    var timed: [Labels: Int] = [:]
    var dropsNothing = false

    mutating func slot(_ labels: Labels, _ isTimed: Bool) -> Slot? {
        if !dropsNothing, labels["drop"] == "yes" { return .dropped }
        if isTimed {
            let index = timed[labels] ?? timed.count
            timed[labels] = index
            return .timed(index)
        }
        let column = columns[labels] ?? columns.count
        columns[labels] = column
        return .column(column)
    }
}

/// What a body says, read line by line with the full parser: the obvious way, to compare with.
struct ReferenceReader {
    var values: [Int: UInt64] = [:]
    var samples = 0
    var dropped = 0
    var duplicates = 0
    var timed: [String] = []
    var skipped: [Int] = []

    init(_ body: [UInt8], format: ExpositionFormat, honorsTimestamps: Bool, numbering: inout Numbering) {
        unsafe body.withUnsafeBytes { raw in
            let bytes = unsafe BodyBytes(raw)
            var parser = ExpositionParser(bytes, format: format, mode: .lenient)
            while true {
                do throws(LineError) {
                    guard let entry = try parser.next() else { return }
                    guard case .sample(let sample) = entry else { continue }
                    take(sample.suffix, try parser.labels(), honorsTimestamps, &numbering)
                } catch {
                    if error == .unexpectedEnd || error == .dataAfterEnd { return }
                    // A line whose labels repeat a name was passed by the parser already.
                    if case .duplicateLabel = error {
                        skipped.append(-1)
                    } else {
                        skipped.append(body[..<parser.position].count { $0 == 0x0a } + 1)
                        parser.skipLine()
                    }
                }
            }
        }
    }

    private mutating func take(
        _ suffix: SampleSuffix, _ labels: Labels, _ honorsTimestamps: Bool, _ numbering: inout Numbering
    ) {
        samples += 1
        let time = honorsTimestamps ? suffix.timestamp : nil
        let slot = numbering.slot(labels, time != nil)
        if slot == .dropped {
            dropped += 1
        } else if let time, let index = numbering.timed[labels] {
            timed.append("\(index) \(time) \(suffix.value.bitPattern)")
        } else if let column = numbering.columns[labels] {
            if values[column] != nil { duplicates += 1 } else { values[column] = suffix.value.bitPattern }
        }
    }
}

/// A row in the form of `ReferenceReader`.
func cells(_ row: SampleRow) -> [Int: UInt64] {
    var out: [Int: UInt64] = [:]
    for column in 0..<row.columnCount where row.has(column) { out[column] = row.values[column].bitPattern }
    return out
}

/// Reads a body through a reader.
func read(
    _ body: [UInt8], with reader: inout BodyReader, format: ExpositionFormat = .text, isComplete: Bool = true,
    numbering: inout Numbering
) throws(BodyError) -> SampleRow {
    var row = SampleRow(time: 0)
    var failure: BodyError?
    unsafe body.withUnsafeBytes { raw in
        do throws(BodyError) {
            let bytes = unsafe BodyBytes(raw)
            try reader.read(bytes, format: format, isComplete: isComplete, into: &row) { series in
                numbering.slot(series.labels, series.isTimed)
            }
        } catch {
            failure = error
        }
    }
    if let failure { throw failure }
    return row
}
