/// Counts how often hashes were added, in four bytes each: a dictionary of whole hashes would be one of the largest parts of
/// the index.
///
/// Only the lower half of a hash is kept. Hashes that agree in it are counted as one, so a count can be too high (of two
/// million hashes for some hundred), never too low.
struct SeriesHashCounts {
    /// Open addressing with linear probing: lower halves of hashes, 0 for free slots. A power of two, at most seven
    /// eighths full: it is searched when series come and go only.
    private var table: [UInt32] = []
    private var used = 0

    /// Adds a hash once more and returns how often it is there now. O(1).
    mutating func add(_ hash: UInt64) -> Int {
        if (used + 1) * 8 > table.count * 7 { grow() }
        let mark = Self.mark(hash)
        let found = slots(of: mark).count
        insert(mark)
        return found + 1
    }

    /// Takes a hash away once and returns how often it is still there. O(1).
    mutating func remove(_ hash: UInt64) -> Int {
        let found = slots(of: Self.mark(hash))
        guard let last = found.last else { return 0 }
        table[last] = 0
        used -= 1
        close(last)
        return found.count - 1
    }

    private static func mark(_ hash: UInt64) -> UInt32 { max(1, UInt32(truncatingIfNeeded: hash)) }

    private func home(_ mark: UInt32) -> Int { Int(mark) & (table.count - 1) }

    private func next(_ slot: Int) -> Int { (slot + 1) & (table.count - 1) }

    private func slots(of mark: UInt32) -> (count: Int, last: Int?) {
        guard !table.isEmpty else { return (0, nil) }
        var count = 0
        var last: Int?
        var slot = home(mark)
        while table[slot] != 0 {
            if table[slot] == mark {
                count += 1
                last = slot
            }
            slot = next(slot)
        }
        return (count, last)
    }

    private mutating func insert(_ mark: UInt32) {
        var slot = home(mark)
        while table[slot] != 0 { slot = next(slot) }
        table[slot] = mark
        used += 1
    }

    private mutating func grow() {
        let old = table
        table = Array(repeating: 0, count: max(16, old.count * 2))
        used = 0
        for mark in old where mark != 0 { insert(mark) }
    }

    /// Moves marks behind a slot that became free to where searches for them still lead.
    private mutating func close(_ free: Int) {
        var hole = free
        var slot = next(hole)
        while table[slot] != 0 {
            let distance = (slot - home(table[slot])) & (table.count - 1)
            if distance >= (slot - hole) & (table.count - 1) {
                table[hole] = table[slot]
                table[slot] = 0
                hole = slot
            }
            slot = next(slot)
        }
    }
}
