/// One bit per cell of a vector, set where there is a float sample.
struct PresenceBits: Sendable {
    /// Number of cells.
    let cellCount: Int
    private var words: [UInt64]

    /// All cells alike.
    init(cellCount: Int, all: Bool = false) {
        self.cellCount = cellCount
        words = Array(repeating: all ? .max : 0, count: (cellCount + 63) >> 6)
        if all, cellCount & 63 != 0 { words[words.count - 1] = (1 << UInt64(cellCount & 63)) - 1 }
    }

    /// The bit of one cell.
    subscript(cell: Int) -> Bool {
        @inline(__always) get { words[cell >> 6] & (1 &<< UInt64(cell & 63)) != 0 }
        @inline(__always) set {
            let bit: UInt64 = 1 &<< UInt64(cell & 63)
            if newValue { words[cell >> 6] |= bit } else { words[cell >> 6] &= ~bit }
        }
    }

    /// Number of set bits.
    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// The first set cell.
    var first: Int? {
        words.firstIndex { $0 != 0 }.map { $0 << 6 + words[$0].trailingZeroBitCount }
    }

    /// Whether every bit is set.
    var isFull: Bool { count == cellCount }

    /// Whether any bit of the cells is set. O(words).
    func hasAny(in cells: Range<Int>) -> Bool {
        var cell = cells.lowerBound
        while cell < cells.upperBound {
            if cell & 63 == 0, cell + 64 <= cells.upperBound {
                if words[cell >> 6] != 0 { return true }
                cell += 64
            } else {
                if self[cell] { return true }
                cell += 1
            }
        }
        return false
    }

    /// Number of set bits of some cells. O(words).
    func count(in cells: Range<Int>) -> Int {
        var count = 0
        var cell = cells.lowerBound
        while cell < cells.upperBound {
            let bits = min(64 - cell & 63, cells.upperBound - cell)
            var word = words[cell >> 6] &>> UInt64(cell & 63)
            if bits < 64 { word &= (1 &<< UInt64(bits)) &- 1 }
            count += word.nonzeroBitCount
            cell += bits
        }
        return count
    }

    /// Calls `body` with every set cell, in order.
    @inline(__always)
    func forEach<Failure>(_ body: (Int) throws(Failure) -> Void) throws(Failure) {
        for index in words.indices {
            var word = words[index]
            while word != 0 {
                try body(index << 6 + word.trailingZeroBitCount)
                word &= word &- 1
            }
        }
    }

    /// Calls `body` with every set cell of a stretch, in order.
    @inline(__always)
    func forEach<Failure>(in cells: Range<Int>, _ body: (Int) throws(Failure) -> Void) throws(Failure) {
        for cell in cells where self[cell] { try body(cell) }
    }
}
