import Documents
import FlaggerAPI

/// Builds the tree of a template: calls, literals, pipelines, parentheses, `if`/`else if`/`else`/`end`.
struct TemplateParser {
    private static let unsupported: Set<String> = [
        "range", "with", "define", "template", "block", "break", "continue",
    ]
    private static let depthMax = 50

    private let pieces: [TemplatePiece]
    private var at = 0
    /// Every function that the template mentions.
    private(set) var functions: Set<String> = []

    init(_ pieces: [TemplatePiece]) { self.pieces = pieces }

    /// The nodes of the whole template.
    mutating func template() throws(TemplateError) -> [TemplateNode] {
        let (nodes, end) = try nodes(depth: 0)
        if let end { throw end.position.error("{{ \(end.word) }} without an {{ if }} before it") }
        return nodes
    }

    /// What stopped a list of nodes: `else` or `end`, with the tokens after it.
    private struct Stop {
        var word: String
        var rest: ArraySlice<TemplateToken>
        var position: TemplatePosition
    }

    private mutating func nodes(depth: Int) throws(TemplateError) -> ([TemplateNode], Stop?) {
        var out: [TemplateNode] = []
        while at < pieces.count {
            let piece = pieces[at]
            at += 1
            guard case .action(let tokens, let position) = piece else {
                if case .text(let text) = piece { out.append(.text(text)) }
                continue
            }
            guard let first = tokens.first else { throw position.error("the action is empty") }
            guard case .word(let word) = first.kind else {
                out.append(.print(try pipeline(tokens[...], position), position))
                continue
            }
            switch word {
            case "if": out.append(try branch(tokens.dropFirst(), first.position, depth: depth + 1))
            case "else", "end": return (out, Stop(word: word, rest: tokens.dropFirst(), position: first.position))
            case _ where Self.unsupported.contains(word):
                throw first.position.error("{{ \(word) }} is not supported in a query template")
            default: out.append(.print(try pipeline(tokens[...], position), position))
            }
        }
        return (out, nil)
    }

    private mutating func branch(
        _ tokens: ArraySlice<TemplateToken>, _ position: TemplatePosition, depth: Int
    ) throws(TemplateError) -> TemplateNode {
        guard depth <= Self.depthMax else { throw position.error("more than \(Self.depthMax) nested {{ if }}") }
        let condition = try pipeline(tokens, position)
        let (then, stop) = try nodes(depth: depth)
        guard let stop else { throw position.error("{{ if }} without {{ end }}") }
        if stop.word == "end" {
            try expectNothing(stop)
            return .branch(condition, then: then, otherwise: [])
        }
        if let next = stop.rest.first, next.kind == .word("if") {
            let inner = try branch(stop.rest.dropFirst(), next.position, depth: depth + 1)
            return .branch(condition, then: then, otherwise: [inner])
        }
        try expectNothing(stop)
        let (otherwise, end) = try nodes(depth: depth)
        guard let end, end.word == "end" else { throw stop.position.error("{{ else }} without {{ end }}") }
        try expectNothing(end)
        return .branch(condition, then: then, otherwise: otherwise)
    }

    private func expectNothing(_ stop: Stop) throws(TemplateError) {
        if let extra = stop.rest.first { throw extra.position.error("unexpected text after {{ \(stop.word)") }
    }

    private mutating func pipeline(
        _ tokens: ArraySlice<TemplateToken>, _ position: TemplatePosition
    ) throws(TemplateError) -> TemplatePipeline {
        var rest = tokens
        let pipeline = try pipeline(&rest, position, depth: 0)
        if let extra = rest.first { throw extra.position.error("unexpected )") }
        return pipeline
    }

    /// Reads up to the end or a closing parenthesis, which it leaves.
    private mutating func pipeline(
        _ tokens: inout ArraySlice<TemplateToken>, _ position: TemplatePosition, depth: Int
    ) throws(TemplateError) -> TemplatePipeline {
        guard depth <= Self.depthMax else { throw position.error("more than \(Self.depthMax) nested parentheses") }
        var commands: [TemplateCommand] = []
        var operands: [TemplateOperand] = []
        loop: while let token = tokens.first {
            switch token.kind {
            case .close: break loop
            case .pipe:
                guard !operands.isEmpty else { throw token.position.error("nothing before the |") }
                commands.append(TemplateCommand(operands: operands))
                operands = []
                tokens.removeFirst()
            default: operands.append(try operand(&tokens, token, depth: depth))
            }
        }
        guard !operands.isEmpty else { throw (tokens.first?.position ?? position).error("a value is missing") }
        return TemplatePipeline(commands: commands + [TemplateCommand(operands: operands)])
    }

    private mutating func operand(
        _ tokens: inout ArraySlice<TemplateToken>, _ token: TemplateToken, depth: Int
    ) throws(TemplateError) -> TemplateOperand {
        tokens.removeFirst()
        let kind: TemplateOperand.Kind
        switch token.kind {
        case .string(let text): kind = .literal(.string(text))
        case .int(let value): kind = .literal(.int(value))
        case .word("true"): kind = .literal(.bool(true))
        case .word("false"): kind = .literal(.bool(false))
        case .word(let name):
            try checkFunction(name, token.position)
            kind = .function(name)
        case .open:
            kind = .group(try pipeline(&tokens, token.position, depth: depth + 1))
            guard tokens.first?.kind == .close else { throw token.position.error("the ( is never closed") }
            tokens.removeFirst()
        case .field(let name):
            throw token.position.error(
                "there is no data behind the dot of .\(name); call a function such as {{ target }}")
        case .other("$"): throw token.position.error("template variables ($) are not supported in a query template")
        case .other(let text): throw token.position.error("\"\(text)\" is not supported in a query template")
        case .pipe, .close: throw token.position.error("a value is missing")
        }
        var fields: [String] = []
        while case .field(let name)? = tokens.first?.kind, let position = tokens.first?.position {
            guard !name.isEmpty else { throw position.error("a name is missing after the dot") }
            fields.append(name)
            tokens.removeFirst()
        }
        return TemplateOperand(kind: kind, fields: fields, position: token.position)
    }

    private mutating func checkFunction(_ name: String, _ position: TemplatePosition) throws(TemplateError) {
        functions.insert(name)
        guard !TemplateValues.functionNames.contains(name), !TemplateFunctions.names.contains(name) else { return }
        let known = TemplateValues.functionNames
        let hint = Suggestion.nearest(to: name, in: known + TemplateFunctions.names).map { "; did you mean \($0)?" }
        throw position.error("unknown function \"\(name)\"\(hint ?? " (known: \(known.joined(separator: ", ")))")")
    }
}
