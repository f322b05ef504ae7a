import Model

/// Samples of one series with times of their own, times rising strictly.
struct SeriesRun {
    private(set) var times: [Timestamp] = []
    /// Bits of the floats; 0 where there is a histogram.
    private(set) var bits: [UInt64] = []
    /// A start time per sample, or empty when no sample has one.
    private(set) var starts: [Timestamp] = []
    /// The native histograms with the positions of their samples, rising.
    private(set) var histograms: [(position: Int, histogram: FloatHistogram)] = []

    /// Bytes that the store counts for a sample.
    static let sampleBytes = 16

    var count: Int { times.count }
    /// Neither histograms nor start times.
    var hasOnlyFloats: Bool { histograms.isEmpty && starts.isEmpty }

    /// One sample.
    struct Entry {
        var time: Timestamp
        var bits: UInt64
        var histogram: FloatHistogram?
        var start: Timestamp

        init(_ time: Timestamp, _ value: SampleValue, start: Timestamp) {
            self.time = time
            self.start = start
            switch value {
            case .float(let number):
                bits = number.bitPattern
                histogram = nil
            case .histogram(let found):
                bits = 0
                histogram = found
            }
        }

        init(time: Timestamp, bits: UInt64, histogram: FloatHistogram?, start: Timestamp) {
            self.time = time
            self.bits = bits
            self.histogram = histogram
            self.start = start
        }

        /// Same value to the bit; times and start times don't count.
        func hasValue(of other: Entry) -> Bool {
            switch (histogram, other.histogram) {
            case (nil, nil): return bits == other.bits
            case (let one?, let two?): return HistogramCodec.encoded(one) == HistogramCodec.encoded(two)
            default: return false
            }
        }
    }

    subscript(position: Int) -> Entry {
        let found = histograms.isEmpty ? nil : histograms.first { $0.position == position }?.histogram
        return Entry(
            time: times[position], bits: bits[position], histogram: found, start: starts.isEmpty ? 0 : starts[position])
    }

    /// The first position at or after `time`.
    func position(of time: Timestamp) -> Int {
        if let last = times.last, last < time { return times.count }
        return time == .min ? 0 : TimeSearch.firstAfter(time - 1, count: times.count) { times[$0] }
    }

    /// The sample at exactly `time`.
    func find(_ time: Timestamp) -> Entry? {
        let position = position(of: time)
        return position < count && times[position] == time ? self[position] : nil
    }

    /// Puts a sample at its position. Its time must not be there yet. O(1) behind the last sample, else O(samples).
    mutating func insert(_ entry: Entry) {
        let position = position(of: entry.time)
        if entry.start != 0, starts.isEmpty { starts = Array(repeating: 0, count: count) }
        times.insert(entry.time, at: position)
        bits.insert(entry.bits, at: position)
        if !starts.isEmpty || entry.start != 0 { starts.insert(entry.start, at: position) }
        for index in histograms.indices.reversed() {
            if histograms[index].position < position { break }
            histograms[index].position += 1
        }
        if let histogram = entry.histogram {
            let index = histograms.firstIndex { $0.position > position } ?? histograms.count
            histograms.insert((position, histogram), at: index)
        }
    }

    /// Where the samples of a window are.
    func rows(in window: TimeWindow) -> Range<Int> { TimeSearch.rows(in: window, count: count) { times[$0] } }

    /// The samples of a window.
    func slice(_ window: TimeWindow) -> SeriesRun {
        let rows = rows(in: window)
        if rows.count == count { return self }
        var out = SeriesRun()
        out.times = Array(times[rows])
        out.bits = Array(bits[rows])
        if !starts.isEmpty { out.starts = Array(starts[rows]) }
        out.histograms = histograms.filter { rows.contains($0.position) }
            .map { ($0.position - rows.lowerBound, $0.histogram) }
        return out
    }

    /// Both together in time order. At equal times the sample of `self` wins; `dropped` counts the others.
    func merging(_ other: SeriesRun, dropped: inout Int) -> SeriesRun {
        if other.count == 0 { return self }
        if count == 0 { return other }
        var out = SeriesRun()
        var one = 0
        var two = 0
        while one < count || two < other.count {
            if two == other.count || (one < count && times[one] <= other.times[two]) {
                if two < other.count, times[one] == other.times[two] {
                    two += 1
                    dropped += 1
                }
                out.insert(self[one])
                one += 1
            } else {
                out.insert(other[two])
                two += 1
            }
        }
        return out
    }

    /// The same as `merging`; appends where `other` is behind all samples, and then takes O(other).
    mutating func merge(_ other: SeriesRun, dropped: inout Int) {
        guard let last = times.last, let next = other.times.first, last < next, hasOnlyFloats, other.hasOnlyFloats
        else {
            self = merging(other, dropped: &dropped)
            return
        }
        times += other.times
        bits += other.bits
    }

    /// Puts some of the samples into a buffer as its only column.
    func write(_ rows: Range<Int>, into buffer: inout ColumnBuffer) {
        buffer.reset(columnCount: 1)
        var next = histograms.firstIndex { $0.position >= rows.lowerBound } ?? histograms.endIndex
        for position in rows {
            if next < histograms.endIndex, histograms[next].position == position {
                let row = position - rows.lowerBound
                buffer.appendEmptyRow(times[position])
                buffer.histograms.append(.init(row: row, column: 0, histogram: histograms[next].histogram))
                next += 1
            } else {
                buffer.appendRow(times[position], CollectionOfOne(Double(bitPattern: bits[position])))
            }
        }
        if !starts.isEmpty, starts[rows].contains(where: { $0 != 0 }) { buffer.startTimes = Array(starts[rows]) }
    }
}

extension SeriesRun {
    /// Appends times, cells, start times and histograms. The count is kept by the caller.
    func encode(into out: inout [UInt8]) {
        let hasStarts = starts.contains { $0 != 0 }
        out.append((hasStarts ? 1 : 0) | (histograms.isEmpty ? 0 : 2))
        TimeCodec.encode(times, into: &out)
        var cell = Cell()
        var next = histograms.startIndex
        for position in bits.indices {
            if next < histograms.endIndex, histograms[next].position == position {
                CellCodec.encode(nil, after: &cell, into: &out)
                next += 1
            } else {
                CellCodec.encode(bits[position], after: &cell, into: &out)
            }
        }
        if hasStarts {
            var before: Timestamp = 0
            for start in starts {
                out.putZigzag(start &- before)
                before = start
            }
        }
        for entry in histograms { HistogramCodec.encode(entry.histogram, into: &out) }
    }

    /// Reads `count` samples.
    init(_ bytes: Span<UInt8>, _ cursor: inout ByteCursor, count: Int) throws(DecodeError) {
        let flags = try cursor.byte(bytes)
        guard flags < 4, count <= cursor.remaining else { throw .invalid("series flags \(flags)", at: cursor.at) }
        times = try TimeCodec.decode(bytes, &cursor, count: count)
        var cell = Cell()
        var positions: [Int] = []
        bits.reserveCapacity(count)
        for position in 0..<count {
            var moved: Int64 = 0
            try CellCodec.decode(try cursor.varint(bytes), &cell, moved: &moved, bytes, &cursor)
            if cell.kind == .absent { positions.append(position) }
            bits.append(cell.kind == .absent ? 0 : cell.bits)
        }
        guard positions.isEmpty == (flags & 2 == 0) else { throw .invalid("a cell without a sample", at: cursor.at) }
        if flags & 1 != 0 {
            var start: Timestamp = 0
            for _ in 0..<count {
                start = start &+ (try cursor.zigzag(bytes))
                starts.append(start)
            }
        }
        for position in positions { histograms.append((position, try HistogramCodec.decode(bytes, &cursor))) }
    }
}
