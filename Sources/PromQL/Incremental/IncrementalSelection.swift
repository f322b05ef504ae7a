import Model
import Synchronization

/// The series that a selector matches, with their rows in a window of one length: the leaf of an incremental query.
///
/// **Problem.** A query over a sliding window is evaluated at every scrape; resolving its selector and reading its window
/// from the store each time costs as much as if nothing had been computed before.
///
/// **Method.** The selection subscribes to the store's rows and holds one `IncrementalWindow` per target group. An
/// evaluation moves the windows, folds their columns into one compensated sum per class, and reduces the sums.
///
/// **Invariant.** Groups are in the store's order of selection and columns in the order of the group, so that sums are added
/// in the engine's order and agree with it to the last bit. Where rows alone do not determine the answer (the window begins
/// before the subscription, samples come outside rows, a limit is exceeded), there is no outcome and the caller asks
/// the engine.
final class IncrementalSelection: RowSubscriber {
    /// Most rows held of one group. A selection that exceeds it is invalid from then on.
    static let rowsMax = 4096
    /// Most values held of one group. A selection that exceeds it is invalid from then on.
    static let cellsMax = 1 << 18

    /// How the rates of the columns become one number.
    enum Reduction {
        /// Their sum.
        case sum
        /// A quantile, 0...1, of the classic histogram whose buckets are the sums per `le`.
        case quantile(Double)
    }

    /// The result of one evaluation.
    struct Outcome {
        /// The number; `nil` when no column has a rate.
        var value: Double?
        /// Samples in the window, counted as the engine counts them.
        var samples = 0
        /// Series with at least one sample in the window.
        var series = 0
        /// Series with an inserted zero in the window.
        var zeroStarts = 0
    }

    fileprivate struct State {
        // The fields that every evaluation reads come first.

        /// The windows of the groups, in the store's order of selection.
        var groups: [IncrementalWindow] = []
        /// Whether rows alone still determine the answer.
        var isValid = true
        /// Whether any of `groups` has ended.
        var hasEnded = false
        /// Number of classes.
        var classCount = 0
        /// The end of the newest window evaluated.
        var newest = Timestamp.min
        /// When the subscription began.
        var since = Timestamp.max
        /// Sums per class of the present evaluation; a field, so that its memory is reused.
        var sums = ClassSums()
        /// The buckets of the present evaluation, likewise.
        var histogram = ClassicHistogram(sorted: [])
        /// Index in `groups` by group id.
        var indexes: [UInt64: Int] = [:]
        /// Class by the text of `le`; empty when there is one class for all columns.
        var classes: [String: Int32] = [:]
        /// The upper bound of each class.
        var bounds: [Double] = []
        /// The classes by rising bound.
        var rising: [Int] = []
    }

    /// The selector.
    let matchers: [Matcher]
    private let duration: Milliseconds
    private let zeroStart: Bool
    /// Whether columns are classed by `le`; otherwise all are one class.
    private let byBound: Bool
    private let state: Mutex<State>

    /// A selection without rows. `duration` is the length of the window in milliseconds.
    init(_ matchers: [Matcher], duration: Milliseconds, zeroStart: Bool, byBound: Bool) {
        self.matchers = matchers
        self.duration = duration
        self.zeroStart = zeroStart
        self.byBound = byBound
        var state = State()
        if !byBound { state.addClass(0) }
        self.state = Mutex(state)
    }

    /// Sets the time from which on rows come. Windows that begin earlier have no outcome.
    func begin(at now: Timestamp) { state.withLock { $0.since = now } }

    func match(_ group: MatchedGroup) {
        state.withLock { state in
            guard state.isValid else { return }
            if state.indexes[group.id] == nil {
                state.insert(
                    IncrementalWindow(
                        id: group.id, order: group.index, processStart: zeroStart ? group.processStart : nil,
                        previous: group.previous))
            }
            guard let index = state.indexes[group.id] else { return }
            let classes = group.labels.map { byBound ? Self.boundClass($0, &state) : 0 }
            state.groups[index].widen(group.columns, classes: classes)
        }
    }

    /// The class of a bucket by its `le`. A text that is not a number, or a second spelling of a known bound, invalidates the
    /// selection, since the engine treats these in its own way.
    private static func boundClass(_ labels: Labels, _ state: inout State) -> Int32 {
        let text = labels["le"]
        if let known = state.classes[text] { return known }
        guard let bound = GoFormat.parse(text), !state.bounds.contains(bound), !bound.isNaN else {
            state.isValid = false
            return 0
        }
        let index = Int32(state.bounds.count)
        state.addClass(bound)
        state.classes[text] = index
        return index
    }

    func take(_ row: borrowing SampleRow, of group: UInt64) {
        state.withLock { state in
            guard state.isValid, let index = state.indexes[group] else { return }
            state.groups[index].append(row)
            let rows = state.groups[index].rowCount
            if rows > Self.rowsMax || state.groups[index].cellCount > Self.cellsMax { state.invalidate() }
        }
    }

    func end(group: UInt64) {
        state.withLock { state in
            guard let index = state.indexes[group] else { return }
            state.groups[index].isEnded = true
            state.hasEnded = true
        }
    }

    func invalidate() { state.withLock { $0.invalidate() } }

    /// Evaluates `rate` or `increase` over the window that ends at `time`, and reduces the results. `nil` when rows alone do
    /// not determine the answer, and for a time before that of the last call. Allocates nothing.
    func outcome(_ reduction: Reduction, _ extrapolation: Extrapolation, at time: Timestamp) -> Outcome? {
        state.withLock { state in
            let window = TimeWindow(after: time.minusClamped(duration), through: time)
            guard state.isValid, time >= state.newest, window.start >= state.since else { return nil }
            state.newest = time
            if state.hasEnded { state.dropSpent() }
            var outcome = Outcome()
            state.sums.clear(count: state.classCount)
            for index in state.groups.indices {
                state.groups[index].fold(window, duration: duration, extrapolation, &state.sums, &outcome)
            }
            switch reduction {
            case .sum: outcome.value = state.sums.total(0)
            case .quantile(let share): outcome.value = state.quantile(share)
            }
            return outcome
        }
    }
}

extension IncrementalSelection.State {
    /// A quantile of the classic histogram of the sums; `nil` when no class has a sum.
    fileprivate mutating func quantile(_ share: Double) -> Double? {
        histogram.removeAll()
        for index in rising {
            if let sum = sums.total(index) { histogram.append(bounds[index], sum) }
        }
        return histogram.buckets.isEmpty ? nil : histogram.quantile(share).value
    }

    /// Adds a class of columns with an upper bound.
    fileprivate mutating func addClass(_ bound: Double) {
        rising.insert(bounds.count, at: rising.firstIndex { bounds[$0] > bound } ?? rising.count)
        bounds.append(bound)
        classCount += 1
    }

    /// Adds a group's window, in the store's order of selection.
    fileprivate mutating func insert(_ window: IncrementalWindow) {
        groups.insert(window, at: groups.firstIndex { $0.order > window.order } ?? groups.count)
        renumber()
    }

    /// Removes groups that have ended and whose rows have all left the window.
    fileprivate mutating func dropSpent() {
        let before = groups.count
        groups.removeAll { $0.isSpent }
        hasEnded = groups.contains { $0.isEnded }
        if groups.count < before { renumber() }
    }

    /// Drops all rows for good.
    fileprivate mutating func invalidate() {
        isValid = false
        groups = []
        indexes = [:]
    }

    private mutating func renumber() {
        indexes = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($0.element.id, $0.offset) })
    }
}
