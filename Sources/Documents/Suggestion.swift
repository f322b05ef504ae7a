/// "Did you mean": finds the known word that a misspelt one was probably meant to be.
package enum Suggestion {
    /// The candidate with the smallest edit distance, ignoring case, if the distance is at most a third of the word's length; on
    /// a tie the first by bytes. Otherwise the longest candidate of at least three letters with which the word begins.
    /// O(candidates x length²); words of more than 64 bytes get no suggestion.
    package static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        var best: (distance: Int, text: String)?
        for candidate in candidates {
            let distance = edits(wanted, Array(candidate.lowercased().utf8))
            if let best, (best.distance, best.text) <= (distance, candidate) { continue }
            best = (distance, candidate)
        }
        if let best, best.distance <= max(1, wanted.count / 3) { return best.text }
        // `minimum` for `min` is more than a misspelling, and still clear.
        let beginnings = candidates.filter { $0.utf8.count >= 3 && wanted.starts(with: $0.lowercased().utf8) }
        return beginnings.max { ($0.utf8.count, $1) < ($1.utf8.count, $0) }
    }

    /// The Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, replacements and swaps of neighbours
    /// that turn one text into the other.
    private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column] + (byte == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
