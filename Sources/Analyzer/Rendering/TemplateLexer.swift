import FlaggerAPI

/// Cuts a template into pieces.
struct TemplateLexer {
    private let text: [Character]
    private var at = 0
    private var position = TemplatePosition(line: 1, column: 1)
    private var pieces: [TemplatePiece] = []
    /// The last action ended with ` -}}`: white space after it goes.
    private var trimsNext = false

    private init(_ text: String) {
        // CRLF is one Character; the column of what follows is the same either way.
        self.text = Array(text)
    }

    /// The pieces of `text`; empty texts are left out.
    static func pieces(of text: String) throws(TemplateError) -> [TemplatePiece] {
        var lexer = TemplateLexer(text)
        while lexer.at < lexer.text.count {
            if lexer.starts(with: "{{") { try lexer.action() } else { lexer.literal() }
        }
        return lexer.pieces
    }

    private func starts(with prefix: String) -> Bool { text[at...].starts(with: prefix) }

    private mutating func advance(_ count: Int = 1) {
        for character in text[at..<min(at + count, text.count)] {
            if character.isNewline {
                position.line += 1
                position.column = 1
            } else {
                position.column += 1
            }
        }
        at = min(at + count, text.count)
    }

    private mutating func literal() {
        let start = at
        while at < text.count, !starts(with: "{{") { advance() }
        var literal = text[start..<at]
        if trimsNext { literal = literal.drop { Self.isSpace($0) } }
        let trimsEnd = starts(with: "{{-") && at + 3 < text.count && Self.isSpace(text[at + 3])
        while trimsEnd, let last = literal.last, Self.isSpace(last) { literal.removeLast() }
        trimsNext = false
        if !literal.isEmpty { pieces.append(.text(String(literal))) }
    }

    private mutating func action() throws(TemplateError) {
        let start = position
        advance(2)
        if starts(with: "-"), at + 1 < text.count, Self.isSpace(text[at + 1]) { advance() }
        var tokens: [TemplateToken] = []
        var isComment = false
        trimsNext = false
        while true {
            let spaceBefore = skipSpace()
            guard at < text.count else { throw start.error("the action {{ is never closed by }}") }
            if starts(with: "}}") {
                advance(2)
                break
            }
            if spaceBefore, starts(with: "-}}") {
                advance(3)
                trimsNext = true
                break
            }
            if starts(with: "/*") {
                guard tokens.isEmpty else { throw position.error("a comment must be alone between {{ and }}") }
                try comment()
                isComment = true
                continue
            }
            if isComment { throw position.error("a comment must be alone between {{ and }}") }
            tokens.append(try token())
        }
        if !isComment { pieces.append(.action(tokens, start)) }
    }

    private mutating func comment() throws(TemplateError) {
        let start = position
        advance(2)
        while !starts(with: "*/") {
            guard at < text.count else { throw start.error("the comment is never closed by */") }
            advance()
        }
        advance(2)
    }

    private mutating func skipSpace() -> Bool {
        let start = at
        while at < text.count, Self.isSpace(text[at]) { advance() }
        return at > start
    }

    private mutating func token() throws(TemplateError) -> TemplateToken {
        let start = position
        let character = text[at]
        switch character {
        case "|", "(", ")":
            advance()
            return TemplateToken(kind: character == "|" ? .pipe : character == "(" ? .open : .close, position: start)
        case "\"", "`":
            return TemplateToken(kind: .string(try string(closing: character, from: start)), position: start)
        case ".":
            advance()
            return TemplateToken(kind: .field(word()), position: start)
        case "0"..."9", "-", "+":
            let digits = text[at...].dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "." || $0 == "_" }
            let number = String(text[at..<digits.endIndex])
            advance(number.count)
            return TemplateToken(kind: Int(number).map(TemplateToken.Kind.int) ?? .other(number), position: start)
        default:
            let name = word()
            if !name.isEmpty { return TemplateToken(kind: .word(name), position: start) }
            advance()
            return TemplateToken(kind: .other(String(character)), position: start)
        }
    }

    private mutating func word() -> String {
        let start = at
        while at < text.count, text[at].isLetter || text[at].isNumber || text[at] == "_" { advance() }
        return String(text[start..<at])
    }

    private mutating func string(closing quote: Character, from start: TemplatePosition) throws(TemplateError) -> String
    {
        advance()
        var out = ""
        while at < text.count {
            let character = text[at]
            if character == quote {
                advance()
                return out
            }
            if quote == "\"" && character.isNewline { break }
            if quote == "\"" && character == "\\" {
                out.append(try escape())
            } else {
                out.append(character)
                advance()
            }
        }
        throw start.error("the string is never closed")
    }

    private mutating func escape() throws(TemplateError) -> Character {
        let start = position
        advance()
        guard at < text.count else { throw start.error("the string is never closed") }
        let character = text[at]
        advance()
        switch character {
        case "\\", "\"": return character
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        default: throw start.error("the escape \\\(character) is not supported in a template string")
        }
    }

    private static func isSpace(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\n" || character == "\r" || character == "\r\n"
    }
}
