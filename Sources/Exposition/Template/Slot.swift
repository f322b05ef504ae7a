/// Where the samples of a series go, or what kind of line has none. Four bytes, as a template has one per line.
package struct Slot: Sendable, Hashable {
    /// The column of the row if not negative; else one of the codes below.
    private let code: Int32

    /// The slot with this `columnCode`.
    @inline(__always)
    init(code: Int32) { self.code = code }

    /// The slot of a series with this column in the row; `nil` for a number that no column can have.
    package static func column(_ index: Int) -> Slot? {
        index >= 0 && index <= Int(Int32.max) ? Slot(code: Int32(index)) : nil
    }

    /// The slot of a series whose samples have timestamps of their own; `index` is the caller's number of the series.
    package static func timed(_ index: Int) -> Slot? {
        index >= 0 && index < Int(Int32.max) - 100 ? Slot(code: -100 - Int32(index)) : nil
    }

    /// The slot of a series that is not stored.
    package static let dropped = Slot(code: -1)
    /// A line without meaning for a row: HELP, a comment, a blank line.
    static let comment = Slot(code: -2)
    /// A UNIT line. Encoders that write such lines end the body with `# EOF`.
    static let unit = Slot(code: -3)
    /// OpenMetrics' `# EOF`.
    static let end = Slot(code: -4)
    /// A line that must be parsed each time.
    static let unstable = Slot(code: -5)

    private static let types: [MetricType] = [
        .counter, .gauge, .histogram, .gaugeHistogram, .summary, .info, .stateset, .unknown,
    ]

    /// A TYPE line that sets this type.
    static func typeLine(_ type: MetricType) -> Slot { Slot(code: -10 - Int32(types.firstIndex(of: type) ?? 7)) }

    /// The column; negative when the slot has none.
    @inline(__always)
    var columnCode: Int32 { code }

    /// The caller's number of a series with timestamps of its own; `nil` for any other slot.
    var timedIndex: Int? { code <= -100 ? -100 - Int(code) : nil }

    /// The type that a TYPE line sets; `nil` for any other line.
    var type: MetricType? { code <= -10 && code > -18 ? Self.types[-10 - Int(code)] : nil }

    /// Whether the line has a sample.
    @inline(__always)
    var isSample: Bool { code >= -1 || code <= -100 }
}
