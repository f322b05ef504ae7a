/// Walks through one file of the head log, frame by frame, and past what is damaged.
struct SegmentFrames {
    /// The content at the offset that was reached.
    enum Item {
        /// A whole frame.
        case frame([UInt8])
        /// The mark behind the last frame of a finished file.
        case end
        /// So many bytes that are no frame. Torn: the file ends in the middle of a frame, as a crash leaves it.
        case damage(bytes: Int, isTorn: Bool)
    }

    private let bytes: [UInt8]
    private let isBeginning: Bool
    /// Where the first frame begins.
    let start: Int
    /// Where the next frame is looked for.
    private(set) var offset: Int
    /// Bytes that may still be checksummed in search of the next whole frame. Without a bound, bytes that look like many
    /// overlapping frames would cost time by the square of their number.
    private var searchBudget: Int

    /// A walk through bytes of a file from a frame on, to the end of the file or to anywhere. `isBeginning`: the bytes are the
    /// first of the file.
    init(_ bytes: [UInt8], isBeginning: Bool = true) {
        self.bytes = bytes
        self.isBeginning = isBeginning
        start = isBeginning && bytes.starts(with: FrameEnvelope.magic) ? FrameEnvelope.magic.count : 0
        offset = start
        searchBudget = 1 << 20 + bytes.count * 16
    }

    mutating func next() -> Item? {
        guard offset < bytes.count else { return nil }
        if let whole = nextFrame() { return whole }
        let from = offset
        let isTorn = isBeginning && bytes.count < FrameEnvelope.magic.count || FrameEnvelope.isCutOff(bytes, from)
        offset = nextWhole(after: from) ?? bytes.count
        return .damage(bytes: offset - from, isTorn: isTorn && offset == bytes.count)
    }

    /// The whole frame at the offset that was reached; `nil` where something else lies there, or nothing.
    mutating func nextFrame() -> Item? {
        guard offset < bytes.count, let whole = FrameEnvelope.whole(bytes, offset) else { return nil }
        offset = whole.next
        return whole.isEnd ? .end : .frame(whole.content)
    }

    private mutating func nextWhole(after start: Int) -> Int? {
        var offset = start + 1
        while offset < bytes.count, searchBudget > 0 {
            guard let candidate = bytes[offset...].firstIndex(of: FrameEnvelope.mark) else { return nil }
            if let size = FrameEnvelope.claimedSize(bytes, candidate) {
                if FrameEnvelope.whole(bytes, candidate) != nil { return candidate }
                searchBudget -= size
            }
            offset = candidate + 1
        }
        return nil
    }
}
