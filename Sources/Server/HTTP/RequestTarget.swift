/// The target of a request: the path, and the query behind the question mark.
struct RequestTarget {
    /// Decoded; as it came where it has an encoded slash, which is no border between segments.
    let path: String
    /// Decoded one by one, for a path that has an encoded slash.
    let segments: [String]?
    /// Not decoded.
    let query: ArraySlice<UInt8>

    init(_ uri: String) {
        let target = Array(uri.utf8)
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let raw = target[..<mark]
        query = target[mark...].dropFirst()
        guard raw.contains(UInt8(ascii: "%")) else {
            path = String(decoding: raw, as: UTF8.self)
            segments = nil
            return
        }
        let parts = raw.split(separator: UInt8(ascii: "/")).map(Self.decoded)
        if parts.contains(where: { $0.utf8.contains(UInt8(ascii: "/")) }) {
            path = String(decoding: raw, as: UTF8.self)
            segments = parts
        } else {
            path = Self.decoded(raw)
            segments = nil
        }
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        QueryParameters.decoded(bytes, plusIsSpace: false) ?? String(decoding: bytes, as: UTF8.self)
    }
}
