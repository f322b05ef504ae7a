private import CRE2

/// A pattern that RE2 refused.
package struct RegularExpressionError: Error, Sendable, CustomStringConvertible {
    /// The pattern as the user wrote it.
    package let pattern: String
    /// RE2's reason.
    package let reason: String

    /// One sentence for the user.
    package var description: String { "error parsing regexp: \(reason): `\(pattern)`" }
}

/// A compiled RE2 pattern: linear time in the text, whatever the pattern. Safe to share between threads.
package final class RegularExpression: Sendable {
    /// The pattern as written, without the anchors that `init(anchored:)` adds.
    package let pattern: String
    private let handle: OpaqueHandle

    /// Compiles `pattern` so that it must match the whole text, with `.` matching newlines: `^(?s:PATTERN)$`.
    package convenience init(anchored pattern: String) throws(RegularExpressionError) {
        try self.init(pattern, compiled: "^(?s:\(pattern))$")
    }

    /// Compiles `pattern` to match anywhere in a text.
    package convenience init(searching pattern: String) throws(RegularExpressionError) {
        try self.init(pattern, compiled: pattern)
    }

    private init(_ pattern: String, compiled: String) throws(RegularExpressionError) {
        var message: UnsafeMutablePointer<CChar>?
        var text = compiled
        let compiledHandle = text.withUTF8 { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { chars in
                unsafe cre2_compile(chars.baseAddress, chars.count, &message)
            }
        }
        guard let compiledHandle = unsafe compiledHandle else {
            let reason = unsafe message.map { unsafe String(cString: $0) } ?? "unknown reason"
            unsafe cre2_free_error(message)
            throw RegularExpressionError(pattern: pattern, reason: reason)
        }
        self.pattern = pattern
        handle = unsafe OpaqueHandle(pointer: compiledHandle)
    }

    deinit { unsafe cre2_free(handle.pointer) }

    /// Whether `text` matches. O(text).
    package func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { unsafe matches(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Whether the bytes match.
    package func matches(bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe cre2_matches(handle.pointer, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
    }

    /// The text of each group, whole match first, `nil` for a group that took no part; `nil` if there is no match.
    package func captures(in text: String) -> [String?]? {
        let groups = unsafe Int(cre2_group_count(handle.pointer)) + 1
        var starts = [Int](repeating: -1, count: groups)
        var ends = [Int](repeating: -1, count: groups)
        let bytes = Array(text.utf8)
        let found = unsafe bytes.withUnsafeBytes { raw in
            unsafe cre2_capture(
                handle.pointer, raw.assumingMemoryBound(to: CChar.self).baseAddress, raw.count, &starts, &ends,
                Int32(groups))
        }
        guard found else { return nil }
        return (0..<groups).map { starts[$0] < 0 ? nil : String(decoding: bytes[starts[$0]..<ends[$0]], as: UTF8.self) }
    }

    /// The number of the group called `name`, if there is one.
    package func group(named name: String) -> Int? {
        let count = unsafe Int(cre2_group_count(handle.pointer))
        guard count > 0 else { return nil }
        return (1...count).first { index in
            guard let found = unsafe cre2_group_name(handle.pointer, Int32(index)) else { return false }
            return unsafe String(cString: found) == name
        }
    }

    /// `template` with `$1`, `${1}`, `$name`, `${name}` and `$$` replaced by Go's rules: the longest run of
    /// `[A-Za-z0-9_]` after `$` is the name, and an unknown or absent group gives nothing.
    package func expand(_ template: String, with captures: [String?]) -> String {
        expand(template, with: captures, limit: .max) ?? ""
    }

    /// The same, `nil` when the result would have more than `limit` bytes. O(limit + longest group).
    package func expand(_ template: String, with captures: [String?], limit: Int) -> String? {
        var out: [UInt8] = []
        let bytes = Array(template.utf8)
        var at = 0
        while at < bytes.count {
            if out.count > limit { return nil }
            guard bytes[at] == 0x24, at + 1 < bytes.count else {
                out.append(bytes[at])
                at += 1
                continue
            }
            if bytes[at + 1] == 0x24 {
                out.append(0x24)
                at += 2
                continue
            }
            guard let (name, next) = Self.groupName(bytes, after: at + 1) else {
                out.append(0x24)
                at += 1
                continue
            }
            let index = Int(name) ?? group(named: name)
            if let index, index < captures.count, let text = captures[index] { out += Array(text.utf8) }
            at = next
        }
        return out.count > limit ? nil : String(decoding: out, as: UTF8.self)
    }

    private static func groupName(_ bytes: [UInt8], after start: Int) -> (String, Int)? {
        let braced = bytes[start] == 0x7b
        let first = braced ? start + 1 : start
        var end = first
        while end < bytes.count, isWord(bytes[end]) { end += 1 }
        guard end > first, !braced || (end < bytes.count && bytes[end] == 0x7d) else { return nil }
        return (String(decoding: bytes[first..<end], as: UTF8.self), braced ? end + 1 : end)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x5f
    }
}

/// RE2 objects are immutable after construction and documented as safe for concurrent matching; the class above
/// frees the object exactly once.
@safe private struct OpaqueHandle: @unchecked Sendable {
    let pointer: OpaquePointer
}
