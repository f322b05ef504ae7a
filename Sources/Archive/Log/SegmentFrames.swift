/// Walks through one file of the head log, frame by frame, and past what is damaged.
struct SegmentFrames {
    /// What lies at the offset that was reached.
    enum Item {
        /// A whole frame.
        case frame([UInt8])
        /// The mark behind the last frame of a finished file.
        case end
        /// So many bytes that are no frame. Torn: the file ends in the middle of a frame, as a crash leaves it.
        case damage(bytes: Int, isTorn: Bool)
    }

    private let bytes: [UInt8]
    /// Where the next frame is looked for.
    private(set) var offset: Int
    /// Bytes that may still be checksummed in search of the next whole frame. Without a bound, bytes that look like many
    /// overlapping frames would cost time by the square of their number.
    private var searchBudget: Int

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        offset = bytes.starts(with: FrameEnvelope.magic) ? FrameEnvelope.magic.count : 0
        searchBudget = 1 << 20 + bytes.count * 16
    }

    mutating func next() -> Item? {
        guard offset < bytes.count else { return nil }
        if let whole = FrameEnvelope.whole(bytes, offset) {
            offset = whole.next
            return whole.isEnd ? .end : .frame(whole.content)
        }
        let from = offset
        let isTorn = bytes.count < FrameEnvelope.magic.count || FrameEnvelope.isCutOff(bytes, from)
        offset = nextWhole(after: from) ?? bytes.count
        return .damage(bytes: offset - from, isTorn: isTorn && offset == bytes.count)
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
