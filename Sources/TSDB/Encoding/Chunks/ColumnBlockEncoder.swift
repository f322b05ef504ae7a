/// Encoder of column blocks: the columns of whole bucket chains, delta-coded and entropy-coded as one run of rANS symbols.
///
/// Three redundancies are used. A column's deltas may equal a multiple of those of an earlier column (`response_total`
/// counts what the `_count` of the same labels counts): it then refers to that `ReferenceColumn`, and only the difference is
/// coded. The buckets of a histogram are cumulative: of a chain the last column is coded, and of the others (its parts) what
/// each adds to the one before. And as these add up to the last column, the part that would take most bits, the pivot, is
/// left out.
///
/// Format: docs/format.md, "Chunk of rows": sections, columns, deltas. `ColumnBlockDecoder` is the inverse.
struct ColumnBlockEncoder {
    /// The description of a column.
    struct Column {
        var pattern = 0
        var kind = NumberKind.integer
        var count = 0
        var first: Int64 = 0
        var isMoving = false

        /// Whether it and the one before it in a chain are coded together.
        func joins(_ before: Column) -> Bool {
            pattern == before.pattern && kind == NumberKind.integer && before.kind == kind && count > 0
        }
    }

    /// A column that later columns may be predicted from.
    private struct ReferenceColumn {
        var column: Int
        var shape: Column
        /// The greatest common divisor of all deltas.
        var divisor: Int64
        /// The deltas, divided by `divisor`.
        var deltas: [Int64]
        var depth: Int
    }

    /// The symbols of one section, and the description that the next one is predicted from.
    private struct Section {
        var writer = RANSEncoder()
        var context = ColumnContext()

        mutating func clear() {
            writer.clear()
            context = ColumnContext()
        }
    }

    /// The section that is written at present.
    private var current = Section()
    /// The last columns of chains, single columns, parts: each can be read without those behind it.
    private var sections = (chains: Section(), singles: Section(), parts: Section())
    private var references: [ReferenceColumn] = []
    private let rowCount: Int

    /// Columns that are kept to predict later ones from: the last ones.
    private static let referencesMax = 64
    /// Rows whose deltas are compared first: a column that differs in most of them is no reference.
    private static let firstCompared = 32

    init(rowCount: Int) { self.rowCount = rowCount }

    /// Symbols that the present block has so far.
    var count: Int {
        sections.chains.writer.count + sections.singles.writer.count + sections.parts.writer.count
    }

    /// Ends the block, and returns its bytes.
    mutating func finish() -> [UInt8] {
        var all = sections.chains.writer
        all.append(sections.singles.writer)
        all.append(sections.parts.writer)
        let bytes = all.finish()
        sections.chains.clear()
        sections.singles.clear()
        sections.parts.clear()
        return bytes
    }

    /// Adds a chain. `deltas` has `rowCount` of each column, of which the first `count` are meant and the very first is 0.
    mutating func put(_ columns: ArraySlice<Int>, _ shapes: [Column], _ deltas: borrowing [Int64]) {
        if shapes.count > 1 { enter(.chains) } else { enter(.singles) }
        defer { if shapes.count > 1 { enter(.chains) } else { enter(.singles) } }
        // Mostly all are like the column before.
        let isUsual = shapes.allSatisfy {
            $0.pattern == current.context.pattern && $0.count > 0 && $0.kind == current.context.kind
        }
        current.writer.put(isUsual ? 0 : 1, DescriptionDistribution.rare)
        if !isUsual { for shape in shapes { describe(shape) } }
        var first = 0
        while first < shapes.count {
            var end = first + 1
            while end < shapes.count, shapes[end].joins(shapes[end - 1]) { end += 1 }
            if shapes[first].count > 0 {
                put(segment: first..<end, columns, shapes, deltas.span)
            }
            first = end
        }
    }

    private enum SectionKind { case chains, singles, parts }

    /// Goes to a section, or back from it.
    private mutating func enter(_ kind: SectionKind) {
        switch kind {
        case .chains: swap(&current, &sections.chains)
        case .singles: swap(&current, &sections.singles)
        case .parts: swap(&current, &sections.parts)
        }
    }

    private mutating func describe(_ shape: Column) {
        current.writer.put(ZigZag.encode(Int64(shape.pattern - current.context.pattern)), DescriptionDistribution.rare)
        current.context.pattern = shape.pattern
        if shape.count == 0 { return }
        current.writer.put(ZigZag.encode(Int64(shape.kind - current.context.kind)), DescriptionDistribution.rare)
        current.context.kind = shape.kind
    }

    private mutating func put(
        segment: Range<Int>, _ columns: ArraySlice<Int>, _ shapes: [Column], _ deltas: Span<Int64>
    ) {
        let last = segment.upperBound - 1
        let top = shapes[last]
        let column = columns[columns.startIndex + last]
        let own = deltas.extracting(last * rowCount..<last * rowCount + top.count)
        if top.kind == NumberKind.bits { return putBits(top, own) }
        putLastColumn(column, top, own, isReferred: segment.lowerBound == 0)
        if segment.count < 2 { return }
        enter(.parts)
        putParts(segment, shapes, deltas)
        enter(.parts)
    }

    /// Writes the parts of a segment: what each column but the pivot adds to the one before it.
    private mutating func putParts(_ segment: Range<Int>, _ shapes: [Column], _ deltas: Span<Int64>) {
        let count = shapes[segment.lowerBound].count
        var parts: [(first: Int64, deltas: [Int64], rows: [Int32])] = []
        var pivot = (member: 0, cost: -1)
        for member in segment {
            let hasBefore = member > segment.lowerBound
            let first = shapes[member].first &- (hasBefore ? shapes[member - 1].first : 0)
            var rows: [Int32] = []
            var values: [Int64] = []
            if shapes[member].isMoving || hasBefore && shapes[member - 1].isMoving {
                rows.reserveCapacity(count)
                values.reserveCapacity(count)
                for row in 1..<count {
                    let delta =
                        deltas[member * rowCount + row]
                        &- (hasBefore ? deltas[(member - 1) * rowCount + row] : 0)
                    if delta == 0 { continue }
                    rows.append(Int32(row))
                    values.append(delta)
                }
            }
            // About the bits that leaving the part out saves.
            let cost = values.reduce(64 - first.magnitude.leadingZeroBitCount) {
                $0 + 4 + 64 - $1.magnitude.leadingZeroBitCount
            }
            if cost > pivot.cost { pivot = (member - segment.lowerBound, cost) }
            parts.append((first, values, rows))
        }
        current.writer.put(UInt64(pivot.member), DescriptionDistribution.some)
        for (member, part) in parts.enumerated() where member != pivot.member {
            putFirst(part.first)
            putDeltas(part.deltas, part.rows, of: count - 1)
        }
    }

    private mutating func putLastColumn(_ column: Int, _ shape: Column, _ own: Span<Int64>, isReferred: Bool) {
        var rows: [Int32] = []
        var values: [Int64] = []
        guard shape.isMoving else {
            current.writer.put(0, DescriptionDistribution.small)
            putFirst(shape.first)
            return putDeltas(values, rows, of: shape.count - 1)
        }
        let candidate = makeReference(column, shape, own)
        let reference = findReference(candidate)
        if let reference {
            let other = references[reference]
            let factor = candidate.divisor / other.divisor
            current.writer.put(1, DescriptionDistribution.small)
            current.writer.putNumber(UInt64(column - other.column), DescriptionDistribution.some)
            current.writer.putNumber(UInt64(factor - 1), DescriptionDistribution.rare)
            putFirst(shape.first &- factor &* other.shape.first)
            collect(own, less: other, factor, &rows, &values)
        } else {
            current.writer.put(0, DescriptionDistribution.small)
            putFirst(shape.first)
            collect(own, less: nil, 0, &rows, &values)
        }
        putDeltas(values, rows, of: shape.count - 1)
        guard isReferred else { return }
        var kept = candidate
        kept.depth = reference.map { references[$0].depth + 1 } ?? 0
        if references.count == Self.referencesMax { references.removeFirst() }
        references.append(kept)
    }

    private func collect(
        _ own: Span<Int64>, less other: ReferenceColumn?, _ factor: Int64, _ rows: inout [Int32],
        _ values: inout [Int64]
    ) {
        let scale = factor &* (other?.divisor ?? 0)
        for row in 1..<own.count {
            let delta = own[row] &- (other.map { scale &* $0.deltas[row] } ?? 0)
            if delta == 0 { continue }
            rows.append(Int32(row))
            values.append(delta)
        }
    }

    private func makeReference(_ column: Int, _ shape: Column, _ own: Span<Int64>) -> ReferenceColumn {
        var divisor: UInt64 = 0
        for row in own.indices where divisor != 1 { divisor = Self.divisor(divisor, own[row].magnitude) }
        let by = Int64(divisor)
        var deltas = [Int64](repeating: 0, count: own.count)
        for row in own.indices { deltas[row] = by == 1 ? own[row] : own[row] / by }
        return ReferenceColumn(column: column, shape: shape, divisor: by, deltas: deltas, depth: 0)
    }

    /// The index in `references` of the column whose deltas equal the candidate's in most rows, if they do in at least half
    /// of the rows in which the candidate moves.
    private func findReference(_ candidate: ReferenceColumn) -> Int? {
        let count = candidate.deltas.count
        let probe = min(count, Self.firstCompared)
        var best: (index: Int, misses: Int)?
        let moving = candidate.deltas.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
        for index in references.indices.reversed() {
            let other = references[index]
            guard other.shape.pattern == candidate.shape.pattern, other.depth < ColumnContext.referencesMax,
                other.shape.kind == NumberKind.integer, candidate.shape.kind == NumberKind.integer,
                candidate.divisor % other.divisor == 0, other.column < candidate.column
            else { continue }
            var misses = 0
            for row in 0..<probe where candidate.deltas[row] != other.deltas[row] { misses += 1 }
            if misses * 2 > probe { continue }
            for row in probe..<count where candidate.deltas[row] != other.deltas[row] { misses += 1 }
            if misses * 2 <= moving, misses < best?.misses ?? .max { best = (index, misses) }
            if misses == 0 { break }
        }
        return best?.index
    }

    private mutating func putFirst(_ number: Int64) {
        let magnitude = number.magnitude
        let length = 64 - magnitude.leadingZeroBitCount
        current.writer.put(ZigZag.encode(Int64(length - current.context.length)), DescriptionDistribution.few)
        current.context.length = length
        if length == 0 { return }
        current.writer.put(number < 0 ? 1 : 0, DescriptionDistribution.rare)
        current.writer.putBits(magnitude, length - 1)
    }

    /// Deltas that are not 0, and where they are: 1...`count`.
    private mutating func putDeltas(_ values: [Int64], _ rows: [Int32], of count: Int) {
        let mode =
            values.isEmpty
            ? ColumnContext.still : values.count * 4 <= count ? ColumnContext.sparse : ColumnContext.dense
        current.writer.put(UInt64((mode - current.context.mode + 3) % 3), DescriptionDistribution.small)
        current.context.mode = mode
        if values.isEmpty { return }
        var divisor: UInt64 = 0
        for value in values where divisor != 1 { divisor = Self.divisor(divisor, value.magnitude) }
        current.writer.putNumber(divisor &- 1, DescriptionDistribution.rare)
        var numbers: [Int64] = []
        if mode == ColumnContext.dense {
            numbers = [Int64](repeating: 0, count: count)
            for (index, row) in rows.enumerated() {
                numbers[Int(row) - 1] = divisor == 1 ? values[index] : values[index] / Int64(divisor)
            }
        } else {
            numbers = divisor == 1 ? values : values.map { $0 / Int64(divisor) }
            putGaps(rows, of: count)
        }
        putNumbers(numbers, lowest: mode == ColumnContext.dense ? 0 : 1)
    }

    private mutating func putGaps(_ rows: [Int32], of count: Int) {
        current.writer.putNumber(UInt64(rows.count - 1), DescriptionDistribution.few)
        let (distribution, shift) = ColumnContext.gaps(rows.count, of: count)
        var next = 1
        for row in rows {
            let gap = UInt64(Int(row) - next)
            current.writer.put(gap >> UInt64(shift), distribution)
            current.writer.putBits(gap, shift)
            next = Int(row) + 1
        }
    }

    private mutating func putNumbers(_ numbers: [Int64], lowest: Int64) {
        let fit = DistributionFit(numbers.span, lowest: lowest)
        current.writer.put(UInt64(fit.form.rawValue), DescriptionDistribution.rare)
        current.writer.put(ZigZag.encode(Int64(fit.shift - current.context.shift)), DescriptionDistribution.small)
        current.writer.put(ZigZag.encode(Int64(fit.mean - current.context.mean)), DescriptionDistribution.few)
        current.writer.put(UInt64(fit.shape), DescriptionDistribution.small)
        (current.context.shift, current.context.mean) = (fit.shift, fit.mean)
        if fit.form == .shifted { current.writer.putNumber(ZigZag.encode(fit.base), DescriptionDistribution.few) }
        let base = fit.base &<< Int64(fit.shift)
        for number in numbers {
            let coded = DistributionFit.coded(number, fit.form, lowest: lowest, base: base)
            current.writer.put(coded >> UInt64(fit.shift), fit.distribution)
            if fit.shift > 0 { current.writer.putBits(coded, fit.shift) }
        }
    }

    /// A column of numbers that are held as their bits; deltas are their changes, bit by bit.
    private mutating func putBits(_ shape: Column, _ own: Span<Int64>) {
        current.writer.putBits(UInt64(bitPattern: shape.first), 64)
        var rows: [Int32] = []
        if shape.isMoving { for row in 1..<own.count where own[row] != 0 { rows.append(Int32(row)) } }
        current.writer.put(rows.isEmpty ? 0 : 1, DescriptionDistribution.small)
        if rows.isEmpty { return }
        putGaps(rows, of: own.count - 1)
        for row in rows {
            let change = UInt64(bitPattern: own[Int(row)])
            let low = change.trailingZeroBitCount >> 3
            let width = 8 - (change.leadingZeroBitCount >> 3) - low
            current.writer.putBits(UInt64(low), 3)
            current.writer.putBits(UInt64(width - 1), 3)
            current.writer.putBits(change >> UInt64(low * 8), width * 8)
        }
    }

    private static func divisor(_ one: UInt64, _ other: UInt64) -> UInt64 {
        var (one, other) = (one, other)
        while other != 0 { (one, other) = (other, one % other) }
        return one
    }
}
