import Model

/// How far the head log was written when that was noted last: which file, and how many bytes of it were whole frames then. A file
/// that has fewer was cut off by something else than a kill.
struct LogEnd: NoteLine {
    static let name = "log-end"
    static let length = 96

    var segment: UInt64
    var size: Int
    var time: Timestamp

    var fields: String { "\(segment) \(size) \(time)" }

    init(segment: UInt64, size: Int, time: Timestamp) {
        self.segment = segment
        self.size = size
        self.time = time
    }

    init?(fields words: [Substring]) {
        guard words.count == 3, let segment = UInt64(words[0]), let size = Int(words[1]),
            let time = Timestamp(words[2]),
            segment <= LogFileName.numberMax
        else { return nil }
        self.init(segment: segment, size: size, time: time)
    }
}
