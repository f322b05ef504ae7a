import Model

/// The functions of Go's templates that make sense in a query.
enum TemplateFunctions {
    static let names = ["and", "eq", "index", "len", "ne", "not", "or", "print", "printf"]

    /// The value of a call. Throws with the position of the call.
    static func call(
        _ name: String, _ arguments: [TemplateValue], at position: TemplatePosition
    ) throws(TemplateError) -> TemplateValue {
        func expect(_ count: Int) throws(TemplateError) {
            guard arguments.count != count else { return }
            throw position.error("\(name) wants \(count) argument\(count == 1 ? "" : "s"), found \(arguments.count)")
        }
        switch name {
        case "and", "or":
            guard let last = arguments.last else { throw position.error("\(name) wants at least one argument") }
            return arguments.first { $0.isTrue == (name == "or") } ?? last
        case "not":
            try expect(1)
            return .bool(!arguments[0].isTrue)
        case "eq", "ne":
            guard arguments.count >= 2, name == "eq" || arguments.count == 2 else {
                throw position.error("\(name) wants two arguments, found \(arguments.count)")
            }
            let equal = arguments.dropFirst().contains { $0 == arguments[0] }
            return .bool(equal == (name == "eq"))
        case "len":
            try expect(1)
            switch arguments[0] {
            case .string(let text): return .int(text.utf8.count)
            case .map(let entries): return .int(entries.count)
            case .int, .bool: throw position.error("len wants a text or a map")
            }
        case "index":
            try expect(2)
            guard case .map(let entries) = arguments[0], case .string(let key) = arguments[1] else {
                throw position.error("index wants variables and a text")
            }
            // As in Go, a key that is not there gives the empty text here, and an error with `variables.key`.
            return .string(entries[key] ?? "")
        case "print":
            return .string(
                try arguments.map { argument throws(TemplateError) in try text(argument, at: position) }.joined())
        default:
            guard case .string(let format)? = arguments.first else {
                throw position.error("printf wants a text first")
            }
            return .string(try printf(format, Array(arguments.dropFirst()), at: position))
        }
    }

    /// How an action prints a value.
    static func text(_ value: TemplateValue, at position: TemplatePosition) throws(TemplateError) -> String {
        switch value {
        case .string(let text): return text
        case .int(let value): return "\(value)"
        case .bool(let value): return "\(value)"
        case .map: throw position.error("variables is a map; name one of its keys, as in {{ variables.key }}")
        }
    }

    /// `%s %v %d %q %%` without flags.
    private static func printf(
        _ format: String, _ arguments: [TemplateValue], at position: TemplatePosition
    ) throws(TemplateError) -> String {
        var out = ""
        var rest = arguments[...]
        var characters = format.makeIterator()
        while let character = characters.next() {
            guard character == "%" else {
                out.append(character)
                continue
            }
            let verb = characters.next()
            if verb == "%" {
                out += "%"
                continue
            }
            guard let argument = rest.popFirst() else { throw position.error("printf has too few arguments") }
            switch (verb, argument) {
            case ("s", .string), ("v", _), ("d", .int): out += try text(argument, at: position)
            case ("q", .string(let text)): out += GoQuote.quoted(text)
            default: throw position.error("printf can't print this argument with %\(verb.map(String.init) ?? "")")
            }
        }
        guard rest.isEmpty else { throw position.error("printf has too many arguments") }
        return out
    }
}
