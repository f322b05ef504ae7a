import Model

/// Finds the predecessor of a new column by its labels (see `BucketChains`): a bucket follows the bucket with the next
/// lower bound, and `_count` the bucket without bound. Only the two columns before are looked at, since expositions keep a
/// histogram together.
///
/// The answer depends on the labels and their order alone, so that a restart finds the same chains.
struct BucketChainFinder {
    /// Labels of the last two columns, the last one first.
    private var last: Labels?
    private var lastButOne: Labels?

    /// How many columns before the next one its predecessor is, 0 for none. `labels` are the next column's.
    mutating func next(_ labels: Labels) -> Int {
        defer { (last, lastButOne) = (labels, last) }
        let name = labels.metricName
        if name.hasSuffix("_bucket") {
            guard let last, let bound = Self.bound(labels), let before = Self.bound(last), before < bound,
                last.count == labels.count
            else { return 0 }
            return Self.agree(last, labels, but: LabelName.bucketBound) ? 1 : 0
        }
        guard name.hasSuffix("_count") else { return 0 }
        if let last, Self.isTop(last, of: labels, name) { return 1 }
        if let lastButOne, Self.isTop(lastButOne, of: labels, name) { return 2 }
        return 0
    }

    private static func bound(_ labels: Labels) -> Double? { Double(labels[LabelName.bucketBound]) }

    private static func isTop(_ bucket: Labels, of count: Labels, _ name: String) -> Bool {
        guard bucket.count == count.count + 1, let bound = bound(bucket), bound == .infinity,
            bucket.metricName == name.dropLast("count".utf8.count) + "bucket"
        else { return false }
        return count.allSatisfy { $0.name == LabelName.metricName || bucket[$0.name] == $0.value }
    }

    private static func agree(_ one: Labels, _ other: Labels, but name: String) -> Bool {
        for index in 0..<one.count where one[index] != other[index] {
            if one[index].name != name || other[index].name != name { return false }
        }
        return true
    }
}
