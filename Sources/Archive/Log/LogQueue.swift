/// What the head log has taken and not written yet, in order, and how large its files are with that. A frame is booked
/// to its segment when it is taken, so that whoever appends needs no file.
struct LogQueue {
    /// Bytes that go to one file in one write.
    struct Block {
        var segment: UInt64
        var bytes: [UInt8]
        /// The file begins with these bytes.
        var begins = false
        /// The file ends with these bytes.
        var ends = false
        var frames = 0
    }

    /// A block takes no more frames when it has so many bytes.
    static let blockMax = 1 << 18

    private var blocks: [Block] = []
    private var spare: [UInt8] = []
    /// Segment and bytes of the block that is being written.
    private var inFlight: (segment: UInt64, bytes: Int)?
    /// Bytes that wait, those being written included.
    private(set) var waiting = 0
    /// All bytes that were ever taken.
    private(set) var taken = 0
    /// The segment that the next frame goes to.
    private(set) var segment: UInt64
    /// Bytes of that segment.
    private(set) var size = 0
    /// Bytes of the finished files that still exist.
    private(set) var finished: [UInt64: Int]
    /// How often frames were given up because too much waited, and how many in all. What they held is only in memory until
    /// the owner has stored it anew.
    private(set) var gaps = 0
    private(set) var givenUpFrames = 0
    /// The number of gaps whose samples are stored.
    private var gapsMended = 0

    /// Begins a new segment after those that exist.
    init(after segments: [UInt64: Int]) {
        finished = segments
        segment = (segments.keys.max() ?? 0) + 1
        begin()
    }

    /// All bytes taken before this many are written or given up.
    var settled: Int { taken - waiting }

    /// Bytes of all files, with what waits.
    var totalBytes: Int { finished.values.reduce(size, +) }

    var fileCount: Int { finished.count + 1 }

    var hasGap: Bool { gaps != gapsMended }

    /// The samples of all gaps up to this number are stored.
    mutating func mend(gaps number: Int) { gapsMended = max(gapsMended, number) }

    /// The oldest segment to which something will still be written.
    var oldestUnwritten: UInt64 { inFlight?.segment ?? blocks.first?.segment ?? segment }

    /// Takes a frame; true when so much has come together that it should be written. A segment that has `fileMax` bytes is
    /// followed by the next one, unless an older one still waits.
    mutating func append(_ frame: [UInt8], backlogMax: Int, fileMax: Int) -> Bool {
        if waiting - (inFlight?.bytes ?? 0) > backlogMax { giveUp() }
        if size >= fileMax, oldestUnwritten == segment { rotate() }
        let before = waiting
        change { block in
            FrameEnvelope.append(frame, to: &block.bytes)
            block.frames += 1
        }
        return before < Self.blockMax && waiting >= Self.blockMax
    }

    /// Marks the end of the segment. Frames that come nevertheless go behind the mark.
    mutating func end() {
        change { block in
            block.bytes += FrameEnvelope.end
            block.ends = true
        }
    }

    /// The next frame goes to a new segment.
    mutating func rotate() {
        end()
        finished[segment] = size
        segment += 1
        begin()
    }

    private mutating func begin() {
        size = 0
        blocks.append(Block(segment: segment, bytes: [], begins: true))
        change { $0.bytes = FrameEnvelope.magic }
    }

    /// Adds to the last block.
    private mutating func change(_ body: (inout Block) -> Void) {
        if (blocks.last?.bytes.count ?? .max) >= Self.blockMax {
            blocks.append(Block(segment: segment, bytes: spare))
            spare = []
        }
        let index = blocks.count - 1
        let before = blocks[index].bytes.count
        body(&blocks[index])
        let added = blocks[index].bytes.count - before
        waiting += added
        taken += added
        size += added
    }

    /// Drops the frames that wait, but not the beginnings and ends of files.
    private mutating func giveUp() {
        var kept: [Block] = []
        for block in blocks {
            var left = Block(segment: block.segment, bytes: [], begins: block.begins, ends: block.ends)
            if block.begins { left.bytes += FrameEnvelope.magic }
            if block.ends { left.bytes += FrameEnvelope.end }
            let dropped = block.bytes.count - left.bytes.count
            givenUpFrames += block.frames
            waiting -= dropped
            if block.segment == segment { size -= dropped } else { finished[block.segment]? -= dropped }
            if !left.bytes.isEmpty { kept.append(left) }
        }
        blocks = kept
        gaps += 1
    }

    /// The next block to write. `written` or `failed` must follow.
    mutating func next() -> Block? {
        guard !blocks.isEmpty else { return nil }
        let block = blocks.removeFirst()
        inFlight = (block.segment, block.bytes.count)
        return block
    }

    mutating func written(_ block: consuming Block) {
        inFlight = nil
        waiting -= block.bytes.count
        var bytes = block.bytes
        guard spare.capacity == 0, bytes.capacity <= Self.blockMax * 2 else { return }
        block.bytes = []
        bytes.removeAll(keepingCapacity: true)
        spare = bytes
    }

    /// The block could not be written and is the next one again.
    mutating func failed(_ block: consuming Block) {
        inFlight = nil
        blocks.insert(block, at: 0)
    }

    /// Finished files that lie before a segment and get nothing any more, oldest first.
    func removable(before limit: UInt64) -> [UInt64] {
        finished.keys.filter { $0 < min(limit, oldestUnwritten) }.sorted()
    }

    mutating func removed(_ segment: UInt64) { finished[segment] = nil }
}
