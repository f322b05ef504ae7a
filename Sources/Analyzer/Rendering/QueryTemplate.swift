import FlaggerAPI

/// A query with placeholders: the part of Go's text/template that queries are written with.
///
/// Supported are the functions of `TemplateValues`, keys of `variables`, string and integer literals, pipelines and
/// parentheses, `index`, `printf`, `print`, `len`, `eq`, `ne`, `and`, `or`, `not`, `if`/`else if`/`else`/`end`,
/// comments and trim markers. Anything else is an error with its position, never silently kept as text.
package struct QueryTemplate: Sendable, Hashable {
    private let nodes: [TemplateNode]
    /// Names of all functions the template calls.
    package let functions: Set<String>

    /// Reads a template. O(text).
    package init(_ text: String) throws(TemplateError) {
        var parser = TemplateParser(try TemplateLexer.pieces(of: text))
        nodes = try parser.template()
        functions = parser.functions
    }

    /// The text with all placeholders filled in, as written otherwise.
    ///
    /// Flagger then folds every run of white space to one blank, inside string literals too, and so lets a `#`
    /// comment swallow the rest of the query. What is evaluated here is the unfolded text: it means the same for every
    /// query that works with Flagger, and what the author meant for the others. `QueryText.folded` is for display.
    package func render(_ values: TemplateValues) throws(TemplateError) -> String {
        try Self.render(nodes, values)
    }

    private static func render(_ nodes: [TemplateNode], _ values: TemplateValues) throws(TemplateError) -> String {
        var out = ""
        for node in nodes {
            switch node {
            case .text(let text): out += text
            case .print(let pipeline, let position):
                out += try TemplateFunctions.text(try evaluate(pipeline, values), at: position)
            case .branch(let condition, let then, let otherwise):
                out += try render(try evaluate(condition, values).isTrue ? then : otherwise, values)
            }
        }
        return out
    }

    private static func evaluate(
        _ pipeline: TemplatePipeline, _ values: TemplateValues
    ) throws(TemplateError) -> TemplateValue {
        var last: TemplateValue?
        for command in pipeline.commands { last = try evaluate(command, last, values) }
        return last ?? .string("")
    }

    private static func evaluate(
        _ command: TemplateCommand, _ piped: TemplateValue?, _ values: TemplateValues
    ) throws(TemplateError) -> TemplateValue {
        let head = command.operands[0]
        var arguments = try command.operands.dropFirst().map { operand throws(TemplateError) in
            try evaluate(operand, values)
        }
        if let piped { arguments.append(piped) }
        if case .function(let name) = head.kind, values.value(of: name) == nil {
            return try TemplateFunctions.call(name, arguments, at: head.position)
        }
        guard arguments.isEmpty else { throw head.position.error("this value takes no arguments") }
        return try evaluate(head, values)
    }

    private static func evaluate(
        _ operand: TemplateOperand, _ values: TemplateValues
    ) throws(TemplateError) -> TemplateValue {
        var value: TemplateValue
        switch operand.kind {
        case .literal(let literal): value = literal
        case .group(let pipeline): value = try evaluate(pipeline, values)
        case .function(let name):
            if let known = values.value(of: name) {
                value = known
            } else {
                value = try TemplateFunctions.call(name, [], at: operand.position)
            }
        }
        for field in operand.fields {
            guard case .map(let entries) = value else {
                throw operand.position.error(".\(field): only variables has keys")
            }
            guard let text = entries[field] else {
                let known = entries.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                let list = known.isEmpty ? "templateVariables is empty" : "known: \(known.joined(separator: ", "))"
                throw operand.position.error("no variable \"\(field)\" (\(list))")
            }
            value = .string(text)
        }
        return value
    }
}
