/// The order of head log, seal, archive and release as a state machine: what is in memory, what is on the disk, and what a
/// start makes of the disk. Samples are numbers; one comes `StoreModel.interval` minutes after the other.
///
/// It says what the store promises, not how: chunks and frames are lists of samples, a file is a list of frames. Every
/// step adds the disks that a kill within it leaves to `disks`.
struct StoreModel: Hashable {
    /// What can happen next.
    enum Step: Hashable {
        /// A target's row comes.
        case row
        /// A sample of a series with times of its own comes.
        case series
        /// So much comes that the log gives up what it has not written, and then a sample of a new series.
        case giveUp
        case flush
        /// All open samples become chunks.
        case seal
        /// Chunks go to the archive, or frames that were given up are stored anew; then the log is released.
        case archive(fails: Bool)
        /// A new log file is begun. It fails between the old file's end and the new one's beginning.
        case rotate(fails: Bool)
        case release
        /// What is too old goes; chunks that must be archived first can't be when it fails.
        case expire(archiveFails: Bool)
        /// The target is gone.
        case close
        /// The process is killed and started again.
        case kill

        static let all: [Step] = [
            .row, .series, .giveUp, .flush, .seal, .archive(fails: false), .archive(fails: true), .rotate(fails: false),
            .rotate(fails: true), .release, .expire(archiveFails: false), .expire(archiveFails: true), .close, .kill,
        ]
    }

    /// Faults that the store had, or could have.
    enum Fault: CaseIterable {
        /// A start begins its log file before it has marked the end of the last one.
        case beginsBeforeEnd
        /// Frames that were given up count as stored before they are.
        case mendsEarly
        /// Retention removes the files that have the only definitions of what is still to be archived.
        case expiresDefinitions
        /// A log file that can't be begun is made nevertheless, and frames go on to the old one.
        case writesBehindEnd
        /// A start knows nothing of groups that retention has let go of, whose frames are still in the log.
        case forgetsGone
        /// A start declares frames damaged that lack the definition of a column, though retention has let go of their group.
        case declaresDropped
        /// Hour files are removed before the log says whose they were.
        case removesEarly
        /// The log is released up to what is open, though chunks wait for the archive.
        case releasesSealed
    }

    /// Minutes between two samples, and how old the newest one makes the one before it.
    static let interval = 70
    static let retention = 15
    /// Of so many open rows the first is coded against none.
    static let checkpointRows = 2
    /// Minutes of the first hour before the first sample.
    static let start = 10

    // What was promised.
    var next = 0
    var acknowledged: Set<Int> = []
    /// Samples up to this number may be gone.
    var expired = -1
    /// Frames were given up before a kill, so something that nobody was promised is declared missing.
    var mayBeDamaged = false

    var memory = StoreMemory()
    var disk = StoreDisk()
    var fault: Fault?

    /// What kills within the last step leave, with what was acknowledged by then.
    var disks: [StoreKill] = []

    /// The state of a store in a new directory.
    init(fault: Fault? = nil) {
        self.fault = fault
        start()
    }

    static func minute(_ sample: Int) -> Int { start + sample * interval }

    static func hour(_ sample: Int) -> Int { minute(sample) / 60 }

    private var cutoff: Int { Self.minute(next - 1) - Self.retention }

    private func isOld(_ sample: Int) -> Bool { Self.minute(sample) <= cutoff }

    /// Does a step.
    mutating func apply(_ step: Step) {
        disks = []
        switch step {
        case .row: row()
        case .series: series(isNew: false)
        case .giveUp: series(isNew: true)
        case .flush: flush()
        case .seal: for index in memory.groups.indices { memory.groups[index].seal() }
        case .archive(let fails): if memory.hasGap { rewriteAll(fails) } else { store(fails) }
        case .rotate(let fails): rotate(fails)
        case .release: release()
        case .expire(let fails): expire(fails)
        case .close:
            guard let index = memory.openRows else { return }
            memory.groups[index].isClosed = true
            guard memory.groups[index].defined > 0 else { return }
            put(.close(group: memory.groups[index].id))
        case .kill: start()
        }
    }

    private mutating func killable() {
        disks.append(StoreKill(disk: disk, acknowledged: acknowledged, mayBeDamaged: mayBeDamaged || memory.hasGap))
    }

    private mutating func put(_ frame: StoreFrame) {
        memory.queue.append((memory.segment, frame))
    }

    private mutating func row() {
        let index = memory.openRows ?? memory.add(isSeries: false)
        memory.groups[index].series = [0]
        sample(index, series: 0)
    }

    private mutating func series(isNew: Bool) {
        let series = isNew ? next + 1 : 0
        let index = memory.index(series: series) ?? memory.add(isSeries: true)
        if !memory.groups[index].series.contains(series) { memory.groups[index].series.append(series) }
        sample(index, series: series)
    }

    private mutating func sample(_ index: Int, series: Int) {
        let group = memory.groups[index]
        // The definition of a new series of `giveUp` is more than the log lets wait.
        let isLong = group.series.dropFirst(group.defined).contains { $0 != 0 }
        if group.series.count > group.defined {
            put(.define(group: group.id, isSeries: group.isSeries, first: group.defined, group.series))
            memory.groups[index].defined = group.series.count
            if group.pin == nil { memory.groups[index].pin = memory.segment }
        }
        if isLong {
            memory.queue.removeAll { !$0.frame.isStructure }
            memory.hasGap = true
        }
        let column = group.series.firstIndex(of: series) ?? 0
        let isAbsolute = group.isSeries || group.open.count % Self.checkpointRows == 0
        let sequence = group.sequence
        put(.sample(group: group.id, sequence: sequence, sample: next, column: column, isAbsolute: isAbsolute))
        if memory.groups[index].pin == nil { memory.groups[index].pin = memory.segment }
        memory.groups[index].open.append(next)
        memory.groups[index].sequence += 1
        next += 1
    }

    /// Writes what waits, or as far as that goes without a new file.
    private mutating func write(beginning: Bool = true) {
        while let (segment, frame) = memory.queue.first, beginning || frame != .begin {
            memory.queue.removeFirst()
            disk.append(frame, to: segment)
            if frame.isStructure { killable() }
        }
        killable()
    }

    private mutating func flush() {
        write()
        if !memory.hasGap { acknowledged = Set(0..<next).subtracting(memory.lost) }
    }

    private mutating func rotate(_ fails: Bool) {
        guard memory.queue.allSatisfy({ $0.segment == memory.segment }) else { return }
        if fault == .writesBehindEnd, fails {
            put(.end)
            write()
            disk.append(.begin, to: memory.segment + 1)
            killable()
            return
        }
        put(.end)
        memory.segment += 1
        put(.begin)
        write(beginning: !fails)
    }

    private mutating func release() {
        var needed = memory.segment
        for group in memory.groups {
            if let pin = group.pin { needed = min(needed, pin) }
            if fault == .releasesSealed { continue }
            for chunk in group.chunks { needed = min(needed, chunk.pin ?? needed) }
        }
        if let waiting = memory.queue.first?.segment { needed = min(needed, waiting) }
        // The last file stays until the next one is there.
        needed = min(needed, disk.files.keys.max() ?? needed)
        for number in disk.files.keys.sorted() where number < needed {
            killable()
            disk.files[number] = nil
        }
    }

    /// Stores the chunks that wait, an hour at a time; false when that fails. With `flushing`, a flush comes before each
    /// hour.
    @discardableResult private mutating func store(_ fails: Bool, flushing: Bool = false) -> Bool {
        let waiting = memory.groups.flatMap { group in group.chunks.filter { !$0.isArchived } }
        if waiting.isEmpty { return true }
        for hour in Set(waiting.map(\.hour)).sorted() {
            killable()
            if flushing { flush() }
            if fails { return false }
            disk.chunks.formUnion(waiting.filter { $0.hour == hour }.map(\.stored))
        }
        killable()
        for group in memory.groups.indices {
            memory.groups[group].lostChunks = false
            for chunk in memory.groups[group].chunks.indices {
                memory.groups[group].chunks[chunk].isArchived = true
                memory.groups[group].chunks[chunk].pin = nil
            }
        }
        release()
        return true
    }

    private mutating func rewriteAll(_ fails: Bool) {
        if fault == .mendsEarly { memory.hasGap = false }
        let isStored = store(fails, flushing: true)
        if isStored {
            for index in memory.groups.indices {
                memory.groups[index].seal()
                memory.groups[index].defined = 0
            }
        }
        memory.hasGap = !(isStored && store(fails, flushing: true))
    }

    private mutating func expire(_ fails: Bool) {
        if next == 0 { return }
        let cutoff = cutoff
        var mustArchive = false
        for index in memory.groups.indices {
            if let newest = memory.groups[index].open.last, isOld(newest) { memory.groups[index].seal() }
            memory.groups[index].dropChunks { Self.minute($0.samples.last ?? 0) <= cutoff }
            let group = memory.groups[index]
            if memory.groups[index].lostChunks, !group.chunks.contains(where: \.isArchived) {
                memory.groups[index].seal()
                mustArchive = mustArchive || !memory.groups[index].chunks.isEmpty
            }
        }
        for group in memory.groups where group.isEmpty { put(.gone(group: group.id)) }
        memory.groups.removeAll(where: \.isEmpty)
        expired = max(expired, (0..<next).last { isOld($0) } ?? -1)
        // Before files go, the log says whose frames need no definition any more.
        if fault != .removesEarly { write() }
        let isStored = mustArchive ? store(fails) : true
        let inMemory = Set(memory.groups.filter { !$0.open.isEmpty || $0.chunks.contains { !$0.isArchived } }.map(\.id))
        let keepsDefinitions = !isStored && fault != .expiresDefinitions
        for chunk in disk.chunks.sorted(by: { $0.hour < $1.hour }) where (chunk.hour + 1) * 60 <= cutoff {
            if keepsDefinitions, inMemory.contains(chunk.group) { continue }
            killable()
            // Chunks of an hour lie in one file.
            disk.chunks = disk.chunks.filter {
                $0.hour != chunk.hour || inMemory.contains($0.group) && keepsDefinitions
            }
        }
        killable()
    }

    /// What a start makes of the disk, and what kills within it leave.
    private mutating func start() {
        mayBeDamaged = mayBeDamaged || memory.hasGap
        memory = StoreMemory()
        let recovered = StoreRecovery(disk, fault)
        memory.groups = recovered.groups
        memory.segment = (disk.files.keys.max() ?? 0) + 1
        memory.nextGroup = recovered.next
        memory.lost = Set(0..<next).subtracting(recovered.samples)
        killable()
        if fault == .beginsBeforeEnd { disk.append(.begin, to: memory.segment) }
        killable()
        for number in disk.files.keys.sorted() where recovered.unfinished.contains(number) {
            disk.append(.end, to: number)
            killable()
        }
        if fault != .beginsBeforeEnd { disk.append(.begin, to: memory.segment) }
        killable()
    }
}
