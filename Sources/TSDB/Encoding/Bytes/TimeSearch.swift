import Model

/// Binary search in rising times.
enum TimeSearch {
    /// The first of `count` indices whose time is above `bound`.
    static func firstAfter(_ bound: Timestamp, count: Int, _ time: (Int) -> Timestamp) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) >> 1
            if time(middle) > bound { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The indices whose times lie in the window.
    static func rows(in window: TimeWindow, count: Int, _ time: (Int) -> Timestamp) -> Range<Int> {
        let low = firstAfter(window.start, count: count, time)
        let high = firstAfter(window.end, count: count, time)
        return low..<max(low, high)
    }
}
