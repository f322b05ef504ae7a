import Model

/// A sealed chunk of a series group: per column a run of samples with times of their own. Frames of the head log use the
/// same bytes. Format: docs/format.md, "Series chunk".
///
///     +-----+---------+------+---------+--------------------------------+---------+
///     | 'H' | version | kind | columns | (column, samples, bytes) * n   | columns |
///     +-----+---------+------+---------+--------------------------------+---------+
struct SeriesChunk {
    /// Where the samples of a column are. Sixteen bytes, as a chunk has thousands.
    struct Part {
        private let number: UInt32
        private let samples: UInt32
        private let start: UInt32
        private let end: UInt32

        init(column: Int, count: Int, bytes: Range<Int>) {
            number = UInt32(column)
            samples = UInt32(count)
            start = UInt32(bytes.lowerBound)
            end = UInt32(bytes.upperBound)
        }

        var column: Int { Int(number) }
        var count: Int { Int(samples) }
        var bytes: Range<Int> { Int(start)..<Int(end) }
    }

    let bytes: [UInt8]
    /// Columns rising; their bytes are counted from `first` on.
    let parts: [Part]
    private let first: Int

    /// Encodes the runs; columns must rise.
    static func encode(_ runs: [(column: Int, run: SeriesRun)]) -> [UInt8] {
        var out: [UInt8] = [Chunk.magic, Chunk.version, Chunk.seriesKind]
        out.putVarint(runs.count)
        var data: [UInt8] = []
        for (column, run) in runs {
            let before = data.count
            run.encode(into: &data)
            out.putVarint(column)
            out.putVarint(run.count)
            out.putVarint(data.count - before)
        }
        return out + data
    }

    /// Parses the directory.
    init(_ bytes: [UInt8], from start: Int = 0) throws(DecodeError) {
        let span = bytes.span
        var cursor = ByteCursor(span, from: start)
        try Chunk.checkPreamble(span, &cursor, kind: Chunk.seriesKind)
        guard bytes.count <= Int(UInt32.max) else { throw .invalid("a chunk of \(bytes.count) bytes", at: 0) }
        let count = try cursor.count(span, limit: cursor.remaining / 3)
        var parts: [Part] = []
        parts.reserveCapacity(count)
        var total = 0
        for _ in 0..<count {
            let column = try cursor.count(span, limit: RowCodec.columnsMax)
            let samples = try cursor.count(span, limit: bytes.count)
            let length = try cursor.count(span, limit: bytes.count - total)
            if let last = parts.last, last.column >= column { throw .invalid("columns that don't rise", at: cursor.at) }
            parts.append(Part(column: column, count: samples, bytes: total..<(total + length)))
            total += length
        }
        guard total == cursor.remaining else { throw .invalid("columns of \(total) bytes", at: cursor.at) }
        first = cursor.at
        self.parts = parts
        self.bytes = bytes
    }

    /// The samples of one part.
    func run(_ part: Part) throws(DecodeError) -> SeriesRun {
        let span = bytes.span
        var cursor = ByteCursor(span, from: first + part.bytes.lowerBound, to: first + part.bytes.upperBound)
        return try SeriesRun(span, &cursor, count: part.count)
    }

    /// The samples of a column, empty when it has none.
    func run(of column: Int) throws(DecodeError) -> SeriesRun {
        var low = 0
        var high = parts.count
        while low < high {
            let middle = (low + high) >> 1
            if parts[middle].column < column { low = middle + 1 } else { high = middle }
        }
        guard low < parts.count, parts[low].column == column else { return SeriesRun() }
        return try run(parts[low])
    }
}
