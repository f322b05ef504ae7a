import Model
import TSDB

/// Reads the files of the head log back after a restart.
enum SegmentReader {
    /// An open file of the log, as long as it was when it was opened. What its writer removes stays readable.
    final class Segment {
        let number: UInt64
        let size: Int
        private let file: PosixFile

        init(_ path: String, _ number: UInt64, sizeMax: Int = .max) throws(ArchiveError) {
            self.number = number
            file = try PosixFile(path, writing: false)
            let all = try file.size()
            guard all <= SegmentReader.fileSizeMax else {
                throw .io(
                    doing: "reading \(path)",
                    reason:
                        "it has \(all) bytes, more than a log file ever gets; move it out of the directory to go on without it"
                )
            }
            size = min(sizeMax, all)
            // Only what has all the marks of another format is taken for it; anything else is damage.
            let head = try file.read(min(size, FrameEnvelope.magic.count + 1))
            if head.count > FrameEnvelope.magic.count, head.last == FrameEnvelope.mark,
                head.starts(with: FrameEnvelope.olderMagic)
            {
                throw .olderFormat(path: path)
            }
        }

        /// Bytes from an offset on.
        func read(at offset: Int, _ count: Int) throws(ArchiveError) -> [UInt8] { try file.read(at: offset, count) }

        /// Bytes that the file has by now.
        func currentSize() throws(ArchiveError) -> Int { try file.size() }

        func copy(to target: String) throws(ArchiveError) { try file.copy(size, to: target) }
    }

    /// What was found in all files.
    struct Outcome {
        /// Bytes left out: torn ends, and damaged stretches.
        var dropped = 0
        /// The last file was finished: its process ended well, or a later one has cleaned up behind it.
        var isFinished = true
        /// Numbers of the files that should be there and are not.
        var missing: [UInt64] = []
        /// Files without an end behind which no frame follows, oldest first: the last one of a process that was killed, and
        /// those that were begun by starts that were killed too.
        fileprivate(set) var unfinished: [Unfinished] = []
    }

    /// A file whose end a kill has cut off.
    struct Unfinished {
        let segment: UInt64
        let size: Int
        /// Where the torn frame at its end begins, if there is one.
        fileprivate(set) var wholeSize: Int
        fileprivate(set) var lacksEnd = true
    }

    /// Bytes that a log file may have; a file is read as a whole. `ArchiveOptions.logFileBytesMax` is far below it.
    static let fileSizeMax = 1 << 30

    /// How often the files of a log that is being written are listed until none of them vanishes.
    private static let listTriesMax = 100

    /// Opens all files. With `newest`, only up to this one, and of that as much.
    ///
    /// A file that can't be opened is an error with its name: nothing is known of what it holds. Only where somebody else
    /// releases files meanwhile (not for the directory's writer, who has its lock), one that has gone since it was listed
    /// was released, and the files are listed again.
    static func open(
        _ folder: String, through newest: (segment: UInt64, size: Int)? = nil, isWriter: Bool = false
    ) throws(ArchiveError) -> [Segment] {
        for _ in 0..<listTriesMax {
            var out: [Segment] = []
            var isComplete = true
            for number in try LogFileName.segments(in: folder) {
                if let newest, number > newest.segment { break }
                let path = LogFileName.path(folder, number)
                let sizeMax = number == newest?.segment ? newest?.size ?? .max : .max
                do throws(ArchiveError) {
                    out.append(try Segment(path, number, sizeMax: sizeMax))
                } catch {
                    if isWriter || PosixFolder.exists(path) { throw error }
                    isComplete = false
                    break
                }
            }
            if isComplete { return out }
        }
        throw .io(doing: "reading \(folder)", reason: "its files go while they are being opened, time and again")
    }

    /// Hands all whole frames to `recovery`, and notes where frames are missing: `listed` are the files that should be
    /// there, and `end` is how far the log was written.
    static func replay(
        _ segments: [Segment], listed: [UInt64: Timestamp?] = [:], end: LogEnd? = nil, into recovery: DatabaseRecovery
    ) throws(ArchiveError) -> Outcome {
        var outcome = Outcome()
        var present: [UInt64: Segment] = [:]
        for segment in segments { present[segment.number] = segment }
        var numbers = Set(present.keys).union(listed.keys)
        if let end, end.segment > numbers.max() ?? 0 { numbers.insert(end.segment) }
        let reader = HeadLogReader(opened: segments)
        var before: UInt64?
        for number in numbers.sorted() {
            defer { before = number }
            if case let began?? = listed[number] { recovery.noteLogFile(began: began) }
            guard let segment = present[number] else {
                outcome.missing.append(number)
                outcome.unfinished = []
                outcome.isFinished = true
                recovery.noteLostFrames()
                continue
            }
            if let before, number != before + 1 {
                recovery.noteLostFrames()
                outcome.unfinished = []
            }
            let wholeSize = try replay(segment, reader, into: recovery, &outcome)
            if let end, end.segment == number, wholeSize < end.size { recovery.noteLostFrames(before: end.time) }
        }
        return outcome
    }

    /// Bytes of a file that are read at a time.
    private static let pieceBytes = 1 << 20

    /// Hands on the frames of the file that the reader is at. Returns where its last whole frame ends.
    private static func replay(
        _ segment: Segment, _ reader: HeadLogReader, into recovery: DatabaseRecovery, _ outcome: inout Outcome
    ) throws(ArchiveError) -> Int {
        var state = Unfinished(segment: segment.number, size: segment.size, wholeSize: 0)
        // A cut off end is what a kill leaves of the last file with frames. Where others follow, they were lost otherwise.
        func noteMore() {
            if !outcome.unfinished.isEmpty { recovery.noteLostFrames() }
            outcome.unfinished = []
        }
        while let piece = try reader.next(maxBytes: pieceBytes) {
            if state.wholeSize == 0 { state.wholeSize = piece.start }
            for (item, end) in piece.items {
                switch item {
                case .frame(let frame):
                    noteMore()
                    recovery.replay(frame, segment: segment.number)
                    state.lacksEnd = true
                case .end: state.lacksEnd = false
                case .damage(let bytes, let isTorn):
                    outcome.dropped += bytes
                    // What is torn is cut off; what is damaged stays, so that a start which is killed has not hidden it.
                    if isTorn { continue }
                    noteMore()
                    recovery.noteLostFrames()
                }
                state.wholeSize = end
            }
            if piece.isFileEnd { break }
        }
        outcome.isFinished = !state.lacksEnd
        if state.lacksEnd || state.wholeSize < state.size { outcome.unfinished.append(state) }
        return state.wholeSize
    }

    /// Cuts unfinished files off behind their last whole frame and marks their end, oldest first, so that the torn end of
    /// a kill is not taken for damage when frames follow in other files. A kill at any point leaves something that the next
    /// start takes for the same.
    static func finish(
        _ outcome: Outcome, _ folder: String, _ observer: StepObserver?
    ) throws(ArchiveError) {
        for file in outcome.unfinished {
            let path = LogFileName.path(folder, file.segment)
            let open = try PosixFile(path, writing: true)
            if file.wholeSize < file.size {
                try observer?(.cutLogFile(path: path, size: file.wholeSize))
                try open.truncate(to: file.wholeSize)
            }
            let end = (file.wholeSize == 0 ? FrameEnvelope.magic : []) + (file.lacksEnd ? FrameEnvelope.end : [])
            if end.isEmpty { continue }
            try observer?(.writeLog(path: path, bytes: end))
            try open.write(end)
        }
    }
}
