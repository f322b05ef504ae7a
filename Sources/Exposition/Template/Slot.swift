/// Where the samples of a series go, in four bytes.
package struct Slot: Sendable, Hashable {
    /// Columns are their own numbers; everything else is negative.
    private let code: Int32

    /// The slot of this `columnCode`.
    @inline(__always)
    init(code: Int32) { self.code = code }

    /// The series has this column in the row; `nil` for a number no row can have.
    package static func column(_ index: Int) -> Slot? {
        index >= 0 && index <= Int(Int32.max) ? Slot(code: Int32(index)) : nil
    }

    /// The series has times of its own; `index` is the caller's number for it.
    package static func timed(_ index: Int) -> Slot? {
        index >= 0 && index < Int(Int32.max) - 100 ? Slot(code: -100 - Int32(index)) : nil
    }

    /// Relabelling dropped the series.
    package static let dropped = Slot(code: -1)
    /// A line that says nothing to a row: HELP, a comment, a blank line.
    static let comment = Slot(code: -2)
    /// A UNIT line, which tells that the body has an end mark.
    static let unit = Slot(code: -3)
    /// OpenMetrics' `# EOF`.
    static let end = Slot(code: -4)
    /// A line that must be read anew each time.
    static let unstable = Slot(code: -5)

    private static let types: [MetricType] = [
        .counter, .gauge, .histogram, .gaugeHistogram, .summary, .info, .stateset, .unknown,
    ]

    /// A TYPE line.
    static func typeLine(_ type: MetricType) -> Slot { Slot(code: -10 - Int32(types.firstIndex(of: type) ?? 7)) }

    /// The column, negative when it is none.
    @inline(__always)
    var columnCode: Int32 { code }

    /// The caller's number of a series with times of its own.
    var timedIndex: Int? { code <= -100 ? -100 - Int(code) : nil }

    /// The type that a TYPE line sets.
    var type: MetricType? { code <= -10 && code > -18 ? Self.types[-10 - Int(code)] : nil }

    /// Whether the line carries a sample.
    @inline(__always)
    var isSample: Bool { code >= -1 || code <= -100 }
}
