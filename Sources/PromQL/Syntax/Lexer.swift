import Model

/// Splits a query into tokens, one at a time. Positions are byte offsets.
///
/// What a byte means depends on where it stands: inside `{...}` every word is an identifier, and inside `[...]` only
/// durations, arithmetic and a few words are known. The three modes have a method each.
struct Lexer {
    /// The whole text.
    let bytes: [UInt8]
    /// Where the next unread byte is.
    var position = 0
    /// Where the current token begins.
    var start = 0
    private var openParens = 0
    private var insideBraces = false
    private var insideBrackets = false
    private var sawColon = false
    private var sawDuration = false
    /// Inside `[...]` until the first number: there a shorter list of bytes is understood.
    private var expectsDuration = false

    /// A lexer at the start of `bytes`.
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next token; comments and white space are skipped. After the end it returns `endOfInput` for ever.
    mutating func next() throws(ParseError) -> Token {
        skipBlank()
        start = position
        if insideBraces { return try nextInsideBraces() }
        if expectsDuration { return try nextInDuration() }
        return try nextInExpression()
    }

    /// The text of a token of this lexer.
    func text(_ token: Token) -> String {
        String(decoding: bytes[token.range.start..<token.range.end], as: UTF8.self)
    }

    /// The next unread byte, `nil` at the end.
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Reads the next byte if `isWanted`.
    mutating func accept(_ isWanted: (UInt8) -> Bool) -> Bool {
        guard let byte = peek, isWanted(byte) else { return false }
        position += 1
        return true
    }

    /// Reads the next byte if it is this one.
    mutating func accept(byte wanted: UInt8) -> Bool { accept { $0 == wanted } }

    /// A token from `start` to here.
    func token(_ kind: TokenKind) -> Token { Token(kind: kind, range: SourceRange(start, position)) }

    /// An error that runs to the end of the text, as all lexical errors do.
    func error(_ message: String) -> ParseError { ParseError(message, SourceRange(start, bytes.count), in: bytes) }

    /// The byte sequence at `offset` as messages show it: one character in single quotes.
    func quotedCharacter(at offset: Int) -> String {
        CharacterText.quoted(offset < bytes.count ? CharacterText.decode(bytes, at: offset) : "\u{fffd}")
    }

    /// White space, and comments to the end of their line.
    private mutating func skipBlank() {
        while let byte = peek {
            if ByteClass.isSpace(byte) {
                position += 1
            } else if byte == 0x23, !expectsDuration {
                while let inside = peek, inside != 0x0a, inside != 0x0d { position += 1 }
            } else {
                return
            }
        }
    }
}

extension Lexer {
    private mutating func nextInExpression() throws(ParseError) -> Token {
        guard let byte = peek else {
            if openParens != 0 { throw error("unclosed left parenthesis") }
            if insideBrackets { throw error("unclosed left bracket") }
            return token(.endOfInput)
        }
        if ByteClass.isDigit(byte) || (byte == 0x2e && digitFollows) { return try numberOrDuration() }
        if ByteClass.isAlpha(byte) || byte == 0x3a { return insideBrackets ? try bracketWord() : word() }
        let offset = position
        position += 1
        if let kind = Self.arithmetic(byte) { return token(kind) }
        switch byte {
        case 0x22, 0x27: return try quotedString(byte)
        case 0x60: return try rawString()
        case 0x2c: return token(.comma)
        case 0x40: return token(.at)
        case 0x3d, 0x21, 0x3c, 0x3e: return try comparison(byte)
        case 0x28: return openParen()
        case 0x29: return try closeParen()
        case 0x7b:
            insideBraces = true
            return token(.leftBrace)
        case 0x5b: return try openBracket()
        case 0x5d:
            if !insideBrackets { throw error("unexpected right bracket ']'") }
            insideBrackets = false
            return token(.rightBracket)
        default: throw error("unexpected character: \(quotedCharacter(at: offset))")
        }
    }

    /// The operator of one byte that means the same inside and outside of brackets.
    private static func arithmetic(_ byte: UInt8) -> TokenKind? {
        switch byte {
        case 0x2a: .op(.multiply)
        case 0x2f: .op(.divide)
        case 0x25: .op(.modulo)
        case 0x2b: .op(.add)
        case 0x2d: .op(.subtract)
        case 0x5e: .op(.power)
        default: nil
        }
    }

    /// Whether a digit follows the next byte.
    private var digitFollows: Bool { position + 1 < bytes.count && ByteClass.isDigit(bytes[position + 1]) }

    /// `= == != < <= </ > >= >/`, the first byte of which is read.
    private mutating func comparison(_ first: UInt8) throws(ParseError) -> Token {
        switch first {
        case 0x3d:
            if accept(byte: 0x3d) { return token(.op(.equal)) }
            if peek == 0x7e { throw error("unexpected character after '=': '~'") }
            return token(.assign)
        case 0x21:
            if accept(byte: 0x3d) { return token(.op(.notEqual)) }
            throw error("unexpected character after '!': \(quotedCharacter(at: position))")
        case 0x3c:
            if accept(byte: 0x3d) { return token(.op(.lessOrEqual)) }
            return token(.op(accept(byte: 0x2f) ? .trimUpper : .less))
        default:
            if accept(byte: 0x3d) { return token(.op(.greaterOrEqual)) }
            return token(.op(accept(byte: 0x2f) ? .trimLower : .greater))
        }
    }

    private mutating func openParen() -> Token {
        openParens += 1
        return token(.leftParen)
    }

    private mutating func closeParen() throws(ParseError) -> Token {
        openParens -= 1
        if openParens < 0 {
            start = position
            throw error("unexpected right parenthesis ')'")
        }
        return token(.rightParen)
    }

    private mutating func openBracket() throws(ParseError) -> Token {
        if insideBrackets { throw error("unexpected left bracket '['") }
        insideBrackets = true
        sawColon = false
        expectsDuration = true
        return token(.leftBracket)
    }

    /// A keyword or identifier. `fill` and its kin are keywords only before a parenthesis, so that metrics of these
    /// names stay usable.
    private mutating func word() -> Token {
        var hasColon = false
        while let byte = peek, ByteClass.isWord(byte) || byte == 0x3a {
            if byte == 0x3a { hasColon = true }
            position += 1
        }
        if hasColon { return token(.metricIdentifier) }
        // No keyword is longer than `count_values`.
        if position - start > 12 { return token(.identifier) }
        guard let kind = TokenKind.words[lowercasedText] else { return token(.identifier) }
        switch kind {
        case .keyword(.fill), .keyword(.fillLeft), .keyword(.fillRight):
            let next = bytes[position...].first { !ByteClass.isSpace($0) }
            return token(next == 0x28 ? kind : .identifier)
        default: return token(kind)
        }
    }

    /// The word read last; words consist of ASCII.
    private var lowercasedText: String {
        String(decoding: bytes[start..<position].lazy.map { $0 >= 0x41 && $0 <= 0x5a ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// A colon or word behind the first number inside `[...]`.
    private mutating func bracketWord() throws(ParseError) -> Token {
        let first = position
        if accept(byte: 0x3a) {
            if sawColon { throw error("unexpected colon ':'") }
            sawColon = true
            return token(.colon)
        }
        if let kind = durationWord() { return token(kind) }
        throw error("unexpected character: \(quotedCharacter(at: first)), expected ':'")
    }

    /// One of the words known inside `[...]`: letters only. Reads it.
    private mutating func durationWord() -> TokenKind? {
        guard let first = peek, [0x73, 0x72, 0x6d].contains(first | 0x20) else { return nil }
        while accept(ByteClass.isAlpha) {}
        return TokenKind.durationWords[lowercasedText]
    }
}

extension Lexer {
    /// Inside `[...]` up to and between the numbers.
    private mutating func nextInDuration() throws(ParseError) -> Token {
        guard let byte = peek else { throw error("unexpected end of input in duration expression") }
        if ByteClass.isDigit(byte) || (byte == 0x2e && digitFollows) {
            sawDuration = true
            expectsDuration = false
            return try numberOrDuration()
        }
        if let kind = durationWord() { return token(kind) }
        let offset = start
        position = start + 1
        if let kind = Self.arithmetic(byte) { return token(kind) }
        switch byte {
        case 0x5d:
            insideBrackets = false
            sawColon = false
            expectsDuration = false
            return token(.rightBracket)
        case 0x3a:
            start = position
            if !sawDuration { throw error("unexpected colon before duration in duration expression") }
            if sawColon { throw error("unexpected repeated colon in duration expression") }
            start = offset
            sawColon = true
            return token(.colon)
        case 0x28: return openParen()
        case 0x29: return try closeParen()
        case 0x2c: return token(.comma)
        default: throw error("unexpected character in duration expression: \(quotedCharacter(at: offset))")
        }
    }

    /// Inside `{...}`, where no word is a keyword.
    private mutating func nextInsideBraces() throws(ParseError) -> Token {
        guard let byte = peek else { throw error("unexpected end of input inside braces") }
        if ByteClass.isAlpha(byte) {
            while accept(ByteClass.isWord) {}
            return token(.identifier)
        }
        let offset = position
        position += 1
        switch byte {
        case 0x2c: return token(.comma)
        case 0x22, 0x27: return try quotedString(byte)
        case 0x60: return try rawString()
        case 0x3d: return token(accept(byte: 0x7e) ? .matchRegex : .assign)
        case 0x21:
            if accept(byte: 0x7e) { return token(.matchNotRegex) }
            if accept(byte: 0x3d) { return token(.op(.notEqual)) }
            throw error("unexpected character after '!' inside braces: \(quotedCharacter(at: position))")
        case 0x7b: throw error("unexpected left brace '{'")
        case 0x7d:
            insideBraces = false
            return token(.rightBrace)
        default: throw error("unexpected character inside braces: \(quotedCharacter(at: offset))")
        }
    }
}
