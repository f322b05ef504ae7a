package import Model

/// A position in the head log: a file, and how many of its bytes lie before. Positions are ordered as frames were appended,
/// and a frame keeps its position for as long as its file exists.
package struct LogPosition: Hashable, Sendable, Comparable {
    /// The file's number, from 1.
    package var segment: UInt64
    /// Bytes from the beginning of the file; 0, or the end of a frame.
    package var offset: Int

    /// The oldest position of all.
    package static let oldest = LogPosition(segment: 0, offset: 0)

    /// A position.
    package init(segment: UInt64, offset: Int) {
        self.segment = segment
        self.offset = offset
    }

    package static func < (left: LogPosition, right: LogPosition) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}

/// Frames of the head log that were read together, in the order in which they were appended.
package struct LogBatch: Sendable {
    /// The contents of whole frames (docs/format.md, "Head log").
    package var frames: [[UInt8]] = []
    /// The position behind them, to read on from, also after a restart.
    package var next: LogPosition
    /// Frames between the position asked for and these may be missing: their file has been released (what they hold is in the
    /// archive), or was removed by somebody.
    package var isReleased = false
    /// Bytes that are no whole frame and were passed over.
    package var damagedBytes = 0
}

/// Reads the head log from a position on, over its closed files and the growing one, a bounded piece at a time.
///
/// It has two users. Recovery reads all files that a start has opened, to their ends, and must know of each file where its
/// last whole frame ends (`SegmentReader.replay`). Remote write out reads on behind what it has sent, again and again while
/// frames are appended, and must know when the log has released what it has not sent yet (`DataDirectory.readLog`).
///
/// One thread at a time. It holds at most one file open, whose bytes stay readable when the log releases it meanwhile.
package final class HeadLogReader {
    /// A piece of one file.
    struct Piece {
        let segment: UInt64
        /// Where frames begin: behind the first bytes of a file.
        var start = 0
        /// Frames and damage, each with the offset behind it.
        var items: [(item: SegmentFrames.Item, end: Int)] = []
        /// The file is closed, and this is the end of it.
        var isFileEnd = false
        /// Files before this one were released.
        var isReleased = false
    }

    private enum Source {
        /// Files that were opened before, oldest first; none of them grows.
        case opened([SegmentReader.Segment])
        /// The files of a log that is written meanwhile.
        case live(SegmentLog)
    }

    /// Fewer bytes are not read at a time.
    private static let bytesMin = 64

    private var source: Source
    private var current: SegmentReader.Segment?
    /// Where the next piece begins.
    package private(set) var position: LogPosition

    /// A reader of files that don't grow, from the beginning of the first one.
    init(opened segments: [SegmentReader.Segment]) {
        source = .opened(segments)
        position = .oldest
    }

    /// A reader of a log that is written meanwhile.
    init(_ log: SegmentLog, from position: LogPosition) {
        source = .live(log)
        self.position = position
    }

    /// The next frames: about `maxBytes` of the log, and at least a frame where there is one. Frames that are not written yet
    /// are not read: `SegmentLog.write` comes before. `nil` when there is none behind `position` so far.
    package func read(maxBytes: Int) throws(StorageError) -> LogBatch? {
        var isReleased = false
        do throws(ArchiveError) {
            while let piece = try next(maxBytes: maxBytes) {
                isReleased = isReleased || piece.isReleased
                var batch = LogBatch(next: position, isReleased: isReleased)
                for (item, _) in piece.items {
                    switch item {
                    case .frame(let content): batch.frames.append(content)
                    case .damage(let bytes, _): batch.damagedBytes += bytes
                    case .end: break
                    }
                }
                // An end of a file alone is nothing to tell of.
                if !batch.frames.isEmpty || batch.damagedBytes > 0 { return batch }
            }
        } catch {
            throw error.storageError
        }
        return isReleased ? LogBatch(next: position, isReleased: true) : nil
    }

    /// The next piece, which never goes beyond the end of a file; `nil` at the end of the log.
    ///
    /// It has about `maxBytes`, more where it begins with a larger frame, or what is left of the file where it begins with damage:
    /// the search for the next whole frame needs all of it. So memory is bounded by the size of a file (`ArchiveOptions.logFileBytes`).
    func next(maxBytes: Int) throws(ArchiveError) -> Piece? {
        let position = position
        guard let (file, size, isClosed) = try open() else { return nil }
        var piece = Piece(segment: file.number)
        piece.isReleased = position != .oldest && self.position.segment != position.segment
        let start = self.position.offset
        let rest = size - start
        if rest > 0 {
            var length = min(rest, max(maxBytes, Self.bytesMin))
            var (frames, first) = try walk(file, length)
            while first == nil, length < rest {
                length = min(rest, length * 2)
                (frames, first) = try walk(file, length)
            }
            piece.start = start + frames.start
            if let first { piece.items.append((first, start + frames.offset)) }
            // The frame that the piece cuts off is the first of the next one.
            while let item = length == rest ? frames.next() : frames.nextFrame() {
                piece.items.append((item, start + frames.offset))
            }
            self.position.offset = start + frames.offset
        }
        if self.position.offset >= size, isClosed {
            piece.isFileEnd = true
            self.position = LogPosition(segment: file.number + 1, offset: 0)
            current = nil
        } else if piece.items.isEmpty, !piece.isReleased {
            return nil
        }
        return piece
    }

    /// A walk through bytes of a file from the position on, and the whole frame there, if there is one.
    private func walk(
        _ file: SegmentReader.Segment, _ length: Int
    ) throws(ArchiveError) -> (SegmentFrames, SegmentFrames.Item?) {
        var frames = SegmentFrames(try file.read(at: position.offset, length), isBeginning: position.offset == 0)
        let first = frames.nextFrame()
        return (frames, first)
    }

    /// The file with the position, or the first one behind it; how many bytes of it may be read, and whether it grows no more.
    private func open() throws(ArchiveError) -> (file: SegmentReader.Segment, size: Int, isClosed: Bool)? {
        switch source {
        case .opened(var segments):
            if current == nil {
                if segments.isEmpty { return nil }
                let first = segments.removeFirst()
                source = .opened(segments)
                current = first
                position = LogPosition(segment: first.number, offset: 0)
            }
            return current.map { ($0, $0.size, true) }
        case .live(let log):
            // Taken before the file's size: a file that is not the newest one grows no more.
            let written = log.written
            if current == nil {
                guard let file = try log.file(from: position.segment, through: written.segment) else { return nil }
                if file.number != position.segment { position = LogPosition(segment: file.number, offset: 0) }
                current = file
            }
            guard let file = current else { return nil }
            if file.number == written.segment { return (file, written.size, false) }
            return (file, try file.currentSize(), true)
        }
    }
}
