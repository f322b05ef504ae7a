import Model
import PromQL

/// Reads the small texts of a script: numbers, counts, words.
struct NotationReader {
    let bytes: [UInt8]
    /// The next unread byte.
    var position: Int

    /// A reader of `text` from a byte offset.
    init(_ text: String, from position: Int = 0) {
        bytes = Array(text.utf8)
        self.position = position
    }

    /// Whether everything is read.
    var isAtEnd: Bool { position >= bytes.count }

    /// The next byte, 0 at the end.
    var peek: UInt8 { isAtEnd ? 0 : bytes[position] }

    /// Reads blanks and tabs; false when there are none.
    mutating func skipSpace() -> Bool {
        let first = position
        while peek == 0x20 || peek == 0x09 { position += 1 }
        return position > first
    }

    /// Whether this text comes next.
    func isAt(_ text: String) -> Bool { bytes[min(position, bytes.count)...].starts(with: text.utf8) }

    /// Reads this text if it comes next.
    mutating func accept(_ text: String) -> Bool {
        guard isAt(text) else { return false }
        position += text.utf8.count
        return true
    }

    /// The bytes that pass, as text.
    mutating func take(while isWanted: (UInt8) -> Bool) -> String {
        let first = position
        while !isAtEnd, isWanted(bytes[position]) { position += 1 }
        return String(decoding: bytes[first..<position], as: UTF8.self)
    }

    /// Digits, as a number of at most `limit`.
    mutating func count(limit: Int) throws(NotationError) -> Int {
        let text = take(while: Self.isDigit)
        guard let count = Int(text) else { throw NotationError("expected a count, got \(GoQuote.quoted(text))") }
        guard count <= limit else { throw NotationError("the count \(count) exceeds the limit of \(limit)") }
        return count
    }

    /// Digits with an optional minus.
    mutating func integer() throws(NotationError) -> Int32 {
        let isNegative = accept("-")
        let text = take(while: Self.isDigit)
        guard let value = Int32((isNegative ? "-" : "") + text) else {
            throw NotationError("expected an integer, got \(GoQuote.quoted(text))")
        }
        return value
    }

    /// A number with an optional sign; `Inf` and `NaN` in any case; with `words`, also `stale`.
    mutating func signedNumber(words: Bool) throws(NotationError) -> Double {
        let sign: Double = accept("-") ? -1 : 1
        if sign == 1 { _ = accept("+") }
        if Self.isLetter(peek) {
            let word = take { Self.isLetter($0) || Self.isDigit($0) }
            switch word.lowercased() {
            case "inf": return sign * .infinity
            case "nan": return SpecialValue.ordinaryNaN
            case "stale" where words && word == "stale" && sign == 1: return SpecialValue.stale
            default: throw NotationError("expected a number or \"stale\", got \(GoQuote.quoted(word))")
            }
        }
        let text = numberText()
        do throws(NumberText.Failure) {
            return sign * (try NumberText.parse(text))
        } catch {
            throw NotationError(error.description)
        }
    }

    /// Digits, point, exponent. No hexadecimals: `x` is the sign of repetition.
    private mutating func numberText() -> String {
        let first = position
        while !isAtEnd {
            let byte = peek
            let isExponent = byte | 0x20 == 0x65 && position > first
            guard Self.isDigit(byte) || byte == 0x2e || byte == 0x5f || isExponent else { break }
            position += 1
            if isExponent, peek == 0x2b || peek == 0x2d { position += 1 }
        }
        return String(decoding: bytes[first..<position], as: UTF8.self)
    }

    /// `0`...`9`
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// A letter or underscore.
    static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x5f
    }
}
