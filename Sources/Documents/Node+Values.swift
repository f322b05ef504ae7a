/// YAML's core schema: what a plain scalar means.
package enum CoreValue: Sendable, Equatable {
    /// `null`, `~`, or nothing at all.
    case null
    /// `true`, `false`
    case bool(Bool)
    /// `12`, `-3`, `0o17`, `0x1f`, when it fits 64 bits.
    case int(Int)
    /// `1.5`, `1e3`, `.inf`, `.nan`, and integers beyond 64 bits.
    case double(Double)
    /// All else, and everything in quotes.
    case string(String)
}

extension Node.Scalar {
    /// The value by the core schema.
    package var value: CoreValue {
        guard isPlain else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: break
        }
        if text.hasPrefix("0o"), let value = Int(text.dropFirst(2), radix: 8), !text.utf8.contains(0x2d) {
            return .int(value)
        }
        if text.hasPrefix("0x"), let value = Int(text.dropFirst(2), radix: 16), !text.utf8.contains(0x2d) {
            return .int(value)
        }
        guard Self.isDecimalNumber(text) else { return .string(text) }
        if let value = Int(text) { return .int(value) }
        return Double(text).map(CoreValue.double) ?? .string(text)
    }

    /// Whether the text of a decimal number is one in JSON as well: no plus sign, no leading zero, digits on both sides of a point.
    /// Holds for plain scalars with a numeric value only; `0x1f` and `.inf` are told apart here.
    var isJSONNumber: Bool {
        guard isPlain, Self.isDecimalNumber(text) else { return false }
        let digits = text.utf8.first == 0x2d ? text.utf8.dropFirst() : text.utf8[...]
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        guard let first = digits.first, isDigit(first) else { return false }
        let rest = digits.dropFirst()
        if first == 0x30, let next = rest.first, isDigit(next) { return false }
        guard let point = rest.firstIndex(of: 0x2e) else { return true }
        return rest[point...].dropFirst().first.map(isDigit) ?? false
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private static func isDecimalNumber(_ text: String) -> Bool {
        var bytes = Substring(text).utf8
        func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
        func takeDigits() -> Int {
            let digits = bytes.prefix(while: isDigit).count
            bytes = bytes.dropFirst(digits)
            return digits
        }
        if bytes.first == 0x2b || bytes.first == 0x2d { bytes = bytes.dropFirst() }
        let whole = takeDigits()
        if bytes.first == 0x2e {
            bytes = bytes.dropFirst()
            if takeDigits() == 0 && whole == 0 { return false }
        } else if whole == 0 {
            return false
        }
        if bytes.first == 0x65 || bytes.first == 0x45 {
            bytes = bytes.dropFirst()
            if bytes.first == 0x2b || bytes.first == 0x2d { bytes = bytes.dropFirst() }
            if takeDigits() == 0 { return false }
        }
        return bytes.isEmpty
    }
}

extension Node {
    /// Whether the value is null (or nothing was written).
    package var isNull: Bool {
        guard case .scalar(let scalar) = kind else { return false }
        return scalar.value == .null
    }

    /// The value of a key, `nil` when this is no mapping or has no such key. O(keys).
    package subscript(key: String) -> Node? {
        guard case .mapping(let entries) = kind else { return nil }
        return entries.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// How messages call what stands here: `the text "abc"`, `the number 3`, `a list`.
    package var kindName: String {
        switch kind {
        case .sequence: return "a list"
        case .mapping: return "a mapping"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: return "nothing"
            case .bool(let value): return "\(value)"
            case .int, .double: return "the number \(scalar.text)"
            case .string(let text):
                let shown = text.count > 40 ? "\(text.prefix(40))..." : text
                return "the text \"\(shown)\""
            }
        }
    }

    /// `kindName` without the value.
    private var bareKindName: String {
        guard case .scalar(let scalar) = kind else { return kindName }
        if case .string = scalar.value { return "a text" }
        return "a single value"
    }

    /// Whether the value may be a credential, which no message repeats: by the keys above it, or because it looks like an address.
    private func mayBeSecret(at path: NodePath) -> Bool {
        guard case .scalar(let scalar) = kind, !scalar.text.isEmpty else { return false }
        return path.mayHoldSecrets || scalar.text.utf8.contains(0x40) || scalar.text.contains("://")
    }

    /// A text: quoted, or plain and nothing else by the core schema. `path` is for the message.
    package func string(at path: NodePath = NodePath()) throws(YAMLError) -> String {
        if case .scalar(let scalar) = kind, case .string(let text) = scalar.value { return text }
        throw wrongType("a text", path)
    }

    /// The text of any scalar but null, as Go's YAML readers fill string fields: `replacement: 1` gives "1".
    package func anyText(at path: NodePath = NodePath()) throws(YAMLError) -> String {
        if case .scalar(let scalar) = kind, scalar.value != .null { return scalar.text }
        throw wrongType("a text", path)
    }

    /// A whole number. A float with a whole value (`5.0`, `1e3`) counts.
    package func int(at path: NodePath = NodePath()) throws(YAMLError) -> Int {
        if case .scalar(let scalar) = kind {
            if case .int(let value) = scalar.value { return value }
            if case .double(let value) = scalar.value, let whole = Int(exactly: value) { return whole }
        }
        throw wrongType("a whole number", path)
    }

    /// A number.
    package func double(at path: NodePath = NodePath()) throws(YAMLError) -> Double {
        if case .scalar(let scalar) = kind {
            if case .int(let value) = scalar.value { return Double(value) }
            if case .double(let value) = scalar.value { return value }
        }
        throw wrongType("a number", path)
    }

    /// `true` or `false`. Where a boolean is wanted, the plain words of YAML 1.1 (`yes`, `on`, ...) count too, as Go's
    /// readers have it, which `kubectl` and Prometheus use.
    package func bool(at path: NodePath = NodePath()) throws(YAMLError) -> Bool {
        if case .scalar(let scalar) = kind {
            if case .bool(let value) = scalar.value { return value }
            if scalar.isPlain, ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"].contains(scalar.text) { return true }
            if scalar.isPlain, ["n", "N", "no", "No", "NO", "off", "Off", "OFF"].contains(scalar.text) { return false }
        }
        throw wrongType("true or false", path)
    }

    /// The elements of a list.
    package func elements(at path: NodePath = NodePath()) throws(YAMLError) -> [Node] {
        if case .sequence(let elements) = kind { return elements }
        throw wrongType("a list", path)
    }

    /// The entries of a mapping.
    package func entries(at path: NodePath = NodePath()) throws(YAMLError) -> [Entry] {
        if case .mapping(let entries) = kind { return entries }
        throw wrongType("a mapping", path)
    }

    private func wrongType(_ wanted: String, _ path: NodePath) -> YAMLError {
        .wrongType(path: path, wanted: wanted, found: mayBeSecret(at: path) ? bareKindName : kindName, at: location)
    }
}
