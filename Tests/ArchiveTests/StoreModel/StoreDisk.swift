/// A frame of the model's log.
enum StoreFrame: Hashable {
    case begin
    /// The group's columns from `first` on; the list has all, by the numbers of their series.
    case define(group: Int, isSeries: Bool, first: Int, [Int])
    case sample(group: Int, sequence: Int, sample: Int, column: Int, isAbsolute: Bool)
    case close(group: Int)
    /// Retention has let go of the group.
    case gone(group: Int)
    case end

    /// It is part of a file, not of what the file holds.
    var isStructure: Bool { self == .begin || self == .end }
}

/// A chunk of the model's archive. Its file has the definition of its group.
struct StoredChunk: Hashable {
    var group: Int
    var isSeries: Bool
    var series: [Int]
    var samples: [Int]
    /// Frames below this number are covered.
    var end: Int

    var hour: Int { StoreModel.hour(samples.last ?? 0) }
}

/// What a kill leaves.
struct StoreDisk: Hashable {
    /// Frames per log file.
    var files: [Int: [StoreFrame]] = [:]
    var chunks: Set<StoredChunk> = []

    mutating func append(_ frame: StoreFrame, to number: Int) {
        if frame == .begin { files[number] = [] } else { files[number, default: []].append(frame) }
    }
}

/// A kill, and what had been promised by then.
struct StoreKill: Hashable {
    var disk: StoreDisk
    var acknowledged: Set<Int>
    var mayBeDamaged: Bool
}

/// A group in memory.
struct StoreGroup: Hashable {
    struct Chunk: Hashable {
        var stored: StoredChunk
        var pin: Int?
        var isArchived = false

        var samples: [Int] { stored.samples }
        var hour: Int { stored.hour }
    }

    var id: Int
    var isSeries: Bool
    var isClosed = false
    /// Numbers of the series, in the order of their columns.
    var series: [Int] = []
    var defined = 0
    var pin: Int?
    var open: [Int] = []
    var chunks: [Chunk] = []
    var sequence = 0
    /// Chunks went, and with their files perhaps the definition of what is still to be archived.
    var lostChunks = false

    /// It has lost its last sample.
    var isEmpty: Bool { chunks.isEmpty && open.isEmpty && (sequence > 0 || isClosed) }

    /// Drops chunks. Those in the archive may have the only definition of what is left; what those outside of it need of
    /// the log, the rest goes on needing.
    mutating func dropChunks(_ isDropped: (Chunk) -> Bool) {
        let dropped = chunks.filter(isDropped)
        chunks.removeAll(where: isDropped)
        if dropped.contains(where: \.isArchived) { lostChunks = true }
        guard let kept = dropped.filter({ !$0.isArchived }).compactMap(\.pin).min() else { return }
        if let next = chunks.firstIndex(where: { !$0.isArchived }) {
            chunks[next].pin = min(chunks[next].pin ?? kept, kept)
        } else if !open.isEmpty {
            pin = min(pin ?? kept, kept)
        }
    }

    mutating func seal() {
        if open.isEmpty { return }
        let stored = StoredChunk(group: id, isSeries: isSeries, series: series, samples: open, end: sequence)
        chunks.append(Chunk(stored: stored, pin: pin))
        open = []
        pin = nil
    }
}

/// What a process has in memory.
struct StoreMemory: Hashable {
    var groups: [StoreGroup] = []
    var nextGroup = 1
    /// Frames that are not written, with their files.
    var queue: [(segment: Int, frame: StoreFrame)] = []
    var segment = 0
    /// Frames were given up whose samples are not stored anew yet.
    var hasGap = false
    /// The group that takes new series. A start begins another one.
    var seriesGroup: Int?
    /// Samples that earlier processes took and did not write.
    var lost: Set<Int> = []

    var openRows: Int? { groups.firstIndex { !$0.isSeries && !$0.isClosed } }

    /// Index of the group that has a series, or else of the one that takes new series.
    func index(series: Int) -> Int? {
        groups.lastIndex { $0.isSeries && $0.series.contains(series) } ?? groups.firstIndex { $0.id == seriesGroup }
    }

    mutating func add(isSeries: Bool) -> Int {
        groups.append(StoreGroup(id: nextGroup, isSeries: isSeries))
        if isSeries { seriesGroup = nextGroup }
        nextGroup += 1
        return groups.count - 1
    }

    static func == (left: StoreMemory, right: StoreMemory) -> Bool {
        left.groups == right.groups && left.nextGroup == right.nextGroup && left.segment == right.segment
            && left.hasGap == right.hasGap && left.seriesGroup == right.seriesGroup && left.lost == right.lost
            && left.queue.elementsEqual(right.queue) { $0.segment == $1.segment && $0.frame == $1.frame }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(groups)
        hasher.combine(queue.count)
        hasher.combine(segment)
        hasher.combine(hasGap)
    }
}

/// What a start reads from a disk.
struct StoreRecovery {
    private(set) var groups: [StoreGroup] = []
    /// Something is declared missing.
    private(set) var isDamaged = false
    /// Log files whose end the start is to mark.
    private(set) var unfinished: [Int] = []

    private var expected: [Int: Int] = [:]
    private var highest = 0
    /// Groups with frames and without a definition.
    private var unknown: Set<Int> = []
    /// Groups with frames that can't be used, or that lack frames before others.
    private var gaps: Set<Int> = []
    private let fault: StoreModel.Fault?

    init(_ disk: StoreDisk, _ fault: StoreModel.Fault? = nil) {
        self.fault = fault
        for stored in disk.chunks.sorted(by: { ($0.group, $0.end) < ($1.group, $1.end) }) {
            let index = index(stored.group) ?? add(stored.group, isSeries: stored.isSeries)
            if stored.series.count > groups[index].series.count { groups[index].series = stored.series }
            groups[index].defined = groups[index].series.count
            groups[index].sequence = stored.end
            groups[index].chunks.append(StoreGroup.Chunk(stored: stored, isArchived: true))
            expected[stored.group] = stored.end
        }
        for number in disk.files.keys.sorted() {
            let frames = disk.files[number] ?? []
            // As the store was when it had these faults.
            let isStrict = fault == .beginsBeforeEnd || fault == .writesBehindEnd
            if isStrict || !frames.allSatisfy(\.isStructure) {
                if !unfinished.isEmpty { isDamaged = true }
                unfinished = []
            }
            for frame in frames { take(frame, number) }
            if frames.last != .end { unfinished.append(number) }
        }
        if !unknown.isEmpty || !gaps.isEmpty { isDamaged = true }
        // Of two groups of one target only the newer one can be open.
        let open = groups.indices.filter { !groups[$0].isSeries && !groups[$0].isClosed }
        for index in open.sorted(by: { groups[$0].id < groups[$1].id }).dropLast() { groups[index].isClosed = true }
    }

    var samples: Set<Int> { Set(groups.flatMap { $0.open + $0.chunks.flatMap(\.samples) }) }

    private func index(_ id: Int) -> Int? { groups.firstIndex { $0.id == id } }

    /// The number of the next group.
    var next: Int { highest + 1 }

    private mutating func add(_ id: Int, isSeries: Bool) -> Int {
        highest = max(highest, id)
        groups.append(StoreGroup(id: id, isSeries: isSeries))
        return groups.count - 1
    }

    private mutating func take(_ frame: StoreFrame, _ number: Int) {
        switch frame {
        case .begin, .end: break
        case .define(let id, let isSeries, let first, let series):
            if index(id) == nil, first > 0 {
                note(unknown: id)
                return
            }
            let index = index(id) ?? add(id, isSeries: isSeries)
            guard first <= groups[index].defined else {
                note(unusable: id)
                return
            }
            if series.count <= groups[index].defined { return }
            groups[index].series = series
            groups[index].defined = series.count
            if groups[index].pin == nil { groups[index].pin = number }
        case .sample(let id, let sequence, let sample, let column, let isAbsolute):
            if index(id) == nil {
                note(unknown: id)
                return
            }
            let next = expected[id] ?? 0
            if let index = index(id), let end = groups[index].chunks.last?.stored.end, sequence < end { return }
            // A row that is coded against the one before it needs that one.
            guard let index = index(id), column < groups[index].defined, sequence >= next,
                isAbsolute || sequence == next && !groups[index].open.isEmpty
            else {
                note(unusable: id)
                return
            }
            if sequence > next { gaps.insert(id) }
            groups[index].open.append(sample)
            groups[index].sequence = sequence + 1
            if groups[index].pin == nil { groups[index].pin = number }
            expected[id] = sequence + 1
        case .close(let id):
            if let index = index(id) { groups[index].isClosed = true }
        case .gone(let id):
            highest = max(highest, id)
            if fault == .forgetsGone { return }
            unknown.remove(id)
            gaps.remove(id)
        }
    }

    private mutating func note(unusable id: Int) {
        if fault == .declaresDropped { isDamaged = true }
        gaps.insert(id)
    }

    private mutating func note(unknown id: Int) {
        highest = max(highest, id)
        unknown.insert(id)
    }
}
