import TSDB

/// Reads the files of the head log back after a restart.
enum SegmentReader {
    /// An open file of the log, as long as it was when it was opened. What its writer removes stays readable.
    final class Segment {
        let number: UInt64
        let size: Int
        private let file: PosixFile

        init(_ path: String, _ number: UInt64) throws(ArchiveError) {
            self.number = number
            file = try PosixFile(path, writing: false)
            size = try file.size()
            // Only what has all the marks of another format is taken for it; anything else is damage.
            let head = try file.read(min(size, LogFrame.magic.count + 1))
            if head.count > LogFrame.magic.count, head.last == LogFrame.mark,
                head.starts(with: LogFrame.olderMagic)
            {
                throw .olderFormat(path: path)
            }
        }

        func read() throws(ArchiveError) -> [UInt8] { try file.read(size) }

        func copy(to target: String) throws(ArchiveError) { try file.copy(size, to: target) }
    }

    /// What was found in all files.
    struct Outcome {
        /// Bytes left out: a torn end, and damaged stretches.
        var dropped = 0
        /// Where the last file's last whole frame ends.
        var wholeSize = 0
        /// The last file was finished: its process ended well, or a later one has cleaned up behind it.
        var isFinished = true
    }

    /// Opens all files; those that vanish meanwhile were sealed and are left out.
    static func open(_ folder: String) throws(ArchiveError) -> [Segment] {
        var out: [Segment] = []
        for number in try SegmentLog.segments(in: folder) {
            let path = SegmentLog.path(folder, number)
            do throws(ArchiveError) {
                out.append(try Segment(path, number))
            } catch {
                if PosixFolder.exists(path) { throw error }
                // Files are removed oldest first: those before this one are not needed either.
                out.removeAll()
            }
        }
        return out
    }

    /// Hands all whole frames to `recovery`, and tells it where frames are missing.
    static func replay(_ segments: [Segment], into recovery: DatabaseRecovery) throws(ArchiveError) -> Outcome {
        var outcome = Outcome()
        for (index, segment) in segments.enumerated() {
            if index > 0, segment.number != segments[index - 1].number + 1 { recovery.noteLostFrames() }
            let isLast = index == segments.count - 1
            var frames = SegmentFrames(try segment.read())
            var isFinished = false
            outcome.wholeSize = frames.place
            while let item = frames.next() {
                switch item {
                case .frame(let frame): recovery.replay(frame, segment: segment.number)
                case .end: break
                case .damage(let bytes, let isTorn):
                    outcome.dropped += bytes
                    if !isLast || !isTorn { recovery.noteLostFrames() }
                    continue
                }
                if case .end = item { isFinished = true } else { isFinished = false }
                outcome.wholeSize = frames.place
            }
            if !isFinished && !isLast { recovery.noteLostFrames() }
            outcome.isFinished = isFinished
        }
        return outcome
    }

    /// Cuts the last file off behind its last whole frame and marks its end, so that the torn end of a crash is not
    /// taken for damage when other files follow.
    static func finishLast(_ segments: [Segment], _ outcome: Outcome, _ folder: String) throws(ArchiveError) {
        guard let last = segments.last, !outcome.isFinished || outcome.wholeSize < last.size else { return }
        let file = try PosixFile(SegmentLog.path(folder, last.number), writing: true)
        try file.truncate(to: outcome.wholeSize)
        if outcome.wholeSize == 0 { try file.write(LogFrame.magic) }
        if !outcome.isFinished { try file.write(LogFrame.end) }
    }
}
