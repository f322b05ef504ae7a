/// Texts from outside: UTF-8, or UTF-16 as Windows' tools write it.
package enum TextEncoding {
    /// The text that the bytes hold, without byte order mark; `nil` where they are no text. O(bytes).
    ///
    /// UTF-16 is told by its byte order mark, or by the zero byte that every second character of ASCII has, since no YAML or
    /// JSON begins with a zero.
    package static func text(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0xff, 0xfe, 0, 0]) || bytes.starts(with: [0, 0, 0xfe, 0xff]) { return nil }
        if bytes.starts(with: [0xff, 0xfe]) { return utf16(bytes[2...], isLittle: true) }
        if bytes.starts(with: [0xfe, 0xff]) { return utf16(bytes[2...], isLittle: false) }
        if bytes.count >= 4, bytes[0] == 0 || bytes[1] == 0, bytes[0] != bytes[1] {
            return utf16(bytes[...], isLittle: bytes[1] == 0)
        }
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        return String(validating: bytes.starts(with: mark) ? bytes[3...] : bytes[...], as: UTF8.self)
    }

    /// UTF-16 without its mark; `nil` for half a unit or an unpaired surrogate.
    private static func utf16(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> String? {
        guard bytes.count % 2 == 0 else { return nil }
        let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { index in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isLittle ? second << 8 | first : first << 8 | second
        }
        return String(validating: units, as: UTF16.self)
    }
}
