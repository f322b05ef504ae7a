import Model
import Synchronization

/// A selector whose series and recent rows are kept, for one window length.
///
/// Valid for windows that begin after the selector was followed; until then, and for good once rows no longer tell it
/// all, the query is evaluated by the engine.
final class KeptSelection: RowSubscriber {
    /// Rows that may be kept of one group.
    static let rowsMax = 4096
    /// Values that may be kept of all groups.
    static let cellsMax = 1 << 18

    /// What becomes of the rates of all columns.
    enum Reduction {
        /// Their sum.
        case sum
        /// This quantile of the buckets that the sums per `le` are.
        case quantile(Double)
    }

    /// What the windows of all columns came to.
    struct Outcome {
        /// The number; `nil` where no column has one.
        var value: Double?
        /// Samples read, as the engine counts them.
        var samples = 0
        /// Series that they are of.
        var series = 0
        /// Series with a 0 at their beginning.
        var zeroStarts = 0
    }

    fileprivate struct State {
        // What every evaluation reads comes first.

        /// Groups in the order in which the store selects them.
        var groups: [KeptRows] = []
        var isValid = true
        /// Whether a group has ended that is still there.
        var hasEnded = false
        /// Number of classes.
        var classCount = 0
        /// The end of the newest window.
        var newest = Timestamp.min
        var since = Timestamp.max
        /// Sums per class while the window is folded, and their buckets, kept for their memory.
        var sums = ClassSums()
        var histogram = ClassicHistogram(sorted: [])
        /// Their places in `groups`.
        var places: [UInt64: Int] = [:]
        /// The classes of columns: upper bounds of buckets by the text of `le`, or one class of all.
        var classes: [String: Int32] = [:]
        var bounds: [Double] = []
        /// The classes by rising bound.
        var rising: [Int] = []
    }

    let matchers: [Matcher]
    private let duration: Milliseconds
    private let zeroStart: Bool
    /// Whether columns are told apart by `le`.
    private let byBound: Bool
    private let state: Mutex<State>

    init(_ matchers: [Matcher], duration: Milliseconds, zeroStart: Bool, byBound: Bool) {
        self.matchers = matchers
        self.duration = duration
        self.zeroStart = zeroStart
        self.byBound = byBound
        var state = State()
        if !byBound { state.addClass(0) }
        self.state = Mutex(state)
    }

    /// Says that rows come from now on.
    func begin(at now: Timestamp) { state.withLock { $0.since = now } }

    func match(_ group: MatchedGroup) {
        state.withLock { state in
            guard state.isValid else { return }
            if state.places[group.id] == nil {
                state.insert(
                    KeptRows(
                        id: group.id, place: group.index, processStart: zeroStart ? group.processStart : nil,
                        previous: group.previous))
            }
            guard let place = state.places[group.id] else { return }
            let labels = group.labels.map { byBound ? Self.bucket($0, &state) : 0 }
            state.groups[place].widen(group.columns, labels: labels)
        }
    }

    /// The class of a bucket's bound. What is no bound, and a bound in two spellings, is left to the engine.
    private static func bucket(_ labels: Labels, _ state: inout State) -> Int32 {
        let text = labels["le"]
        if let known = state.classes[text] { return known }
        guard let bound = GoFormat.parse(text), !state.bounds.contains(bound), !bound.isNaN else {
            state.isValid = false
            return 0
        }
        let place = Int32(state.bounds.count)
        state.addClass(bound)
        state.classes[text] = place
        return place
    }

    func take(_ row: borrowing SampleRow, of group: UInt64) {
        state.withLock { state in
            guard state.isValid, let place = state.places[group] else { return }
            state.groups[place].append(row)
            let rows = state.groups[place].rowCount
            if rows > Self.rowsMax || state.groups[place].cellCount > Self.cellsMax { state.invalidate() }
        }
    }

    func end(group: UInt64) {
        state.withLock { state in
            guard let place = state.places[group] else { return }
            state.groups[place].isEnded = true
            state.hasEnded = true
        }
    }

    func invalidate() { state.withLock { $0.invalidate() } }

    /// What `rate` or `increase` over the window that ends at `time` comes to, added in the order of the engine; `nil`
    /// when rows don't tell.
    func outcome(_ reduction: Reduction, _ extrapolation: Extrapolation, at time: Timestamp) -> Outcome? {
        state.withLock { state in
            let window = TimeWindow(after: time.minusClamped(duration), through: time)
            guard state.isValid, time >= state.newest, window.start >= state.since else { return nil }
            state.newest = time
            if state.hasEnded { state.dropSpent() }
            var outcome = Outcome()
            state.sums.clear(count: state.classCount)
            for place in state.groups.indices {
                state.groups[place].fold(window, duration: duration, extrapolation, &state.sums, &outcome)
            }
            switch reduction {
            case .sum: outcome.value = state.sums.total(0)
            case .quantile(let share): outcome.value = state.quantile(share)
            }
            return outcome
        }
    }
}

extension KeptSelection.State {
    /// A quantile of the buckets; `nil` where no column has a value.
    fileprivate mutating func quantile(_ share: Double) -> Double? {
        histogram.removeAll()
        for place in rising {
            if let sum = sums.total(place) { histogram.append(bounds[place], sum) }
        }
        return histogram.buckets.isEmpty ? nil : histogram.quantile(share).value
    }

    /// Adds a class of columns.
    fileprivate mutating func addClass(_ bound: Double) {
        rising.insert(bounds.count, at: rising.firstIndex { bounds[$0] > bound } ?? rising.count)
        bounds.append(bound)
        classCount += 1
    }

    /// Adds a group in the order of places.
    fileprivate mutating func insert(_ rows: KeptRows) {
        groups.insert(rows, at: groups.firstIndex { $0.place > rows.place } ?? groups.count)
        renumber()
    }

    /// Forgets groups that have ended and left the window.
    fileprivate mutating func dropSpent() {
        let before = groups.count
        groups.removeAll { $0.isSpent }
        hasEnded = groups.contains { $0.isEnded }
        if groups.count < before { renumber() }
    }

    /// Gives everything up.
    fileprivate mutating func invalidate() {
        isValid = false
        groups = []
        places = [:]
    }

    private mutating func renumber() {
        places = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($0.element.id, $0.offset) })
    }
}
