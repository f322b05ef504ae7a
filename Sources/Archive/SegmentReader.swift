import TSDB

/// Reads the files of the head log back after a restart.
enum SegmentReader {
    /// A file of the log as it was read.
    struct Segment {
        var number: UInt64
        var bytes: [UInt8]
    }

    /// Reads all files; those that vanish meanwhile were sealed and are left out.
    static func load(_ folder: String) throws(ArchiveError) -> [Segment] {
        var out: [Segment] = []
        for number in try SegmentLog.segments(in: folder) {
            guard let file = try? PosixFile(SegmentLog.path(folder, number), writing: false) else { continue }
            out.append(Segment(number: number, bytes: try file.readAll()))
        }
        return out
    }

    /// Cuts the last file off behind its last whole frame, so that a torn end is not taken for damage later, when other
    /// files follow.
    static func cutTornEnd(_ segments: [Segment], _ folder: String) throws(ArchiveError) {
        guard let last = segments.last, last.bytes.starts(with: LogFrame.magic) else { return }
        var at = LogFrame.magic.count
        while at < last.bytes.count {
            switch LogFrame.read(last.bytes, at: at) {
            case .frame(_, let next): at = next
            case .damage(let resume?): at = resume
            case .damage(nil):
                try PosixFile(SegmentLog.path(folder, last.number), writing: true).truncate(to: at)
                return
            }
        }
    }

    /// Hands all whole frames to `recovery`. Returns the bytes left out: a torn end, and damaged stretches, behind
    /// which frames are looked for again.
    static func replay(_ segments: [Segment], into recovery: DatabaseRecovery) -> Int {
        var dropped = 0
        for (index, segment) in segments.enumerated() {
            let bytes = segment.bytes
            var at = LogFrame.magic.count
            if !bytes.starts(with: LogFrame.magic) {
                at = 0
                if bytes.count < LogFrame.magic.count {
                    dropped += bytes.count
                    continue
                }
            }
            while at < bytes.count {
                switch LogFrame.read(bytes, at: at) {
                case .frame(let frame, let next):
                    recovery.replay(frame, segment: segment.number)
                    at = next
                case .damage(let resume):
                    // The end of the last file is torn by a crash; anything else is damage.
                    if resume != nil || index < segments.count - 1 { recovery.noteLostFrames() }
                    dropped += (resume ?? bytes.count) - at
                    at = resume ?? bytes.count
                }
            }
        }
        return dropped
    }
}
