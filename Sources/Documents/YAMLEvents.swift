private import CYAML

/// One event of a YAML stream, with its location.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd, sequenceEnd, mappingEnd
        case alias(String)
        case scalar(anchor: String?, tag: String?, scalar: Node.Scalar)
        case sequenceStart(anchor: String?, tag: String?)
        case mappingStart(anchor: String?, tag: String?)
    }

    var kind: Kind
    var location: SourceLocation
}

/// libyaml's event parser over a text of its own.
///
/// Safe to use: the parser and the copy of the text live exactly as long as this object and never leave it, and
/// every text of an event is copied before the event is deleted.
@safe
final class YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>

    /// A parser at the start of `bytes`; `nil` when there is no memory for it.
    init?(_ bytes: [UInt8]) {
        unsafe parser = .allocate(capacity: 1)
        unsafe text = .allocate(capacity: max(1, bytes.count))
        _ = unsafe text.update(fromContentsOf: bytes)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            // The destructor would delete a parser that was never made, so leave it an all-zero one.
            unsafe parser.initialize(to: yaml_parser_t())
            return nil
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// The next event; after `streamEnd` there is none.
    func next() throws(YAMLError) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { unsafe yaml_event_delete(&event) }
        let location = unsafe Self.location(event.start_mark)
        return YAMLEvent(kind: unsafe Self.kind(of: event), location: location)
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch unsafe event.type {
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        case YAML_ALIAS_EVENT: return unsafe .alias(string(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            return unsafe .sequenceStart(anchor: string(start.anchor), tag: string(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            return unsafe .mappingStart(anchor: string(start.anchor), tag: string(start.tag))
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            let value = unsafe Node.Scalar(text: String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
            return unsafe .scalar(anchor: string(scalar.anchor), tag: string(scalar.tag), scalar: value)
        default: return .streamStart
        }
    }

    private func failure() -> YAMLError {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not readable"
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            return .syntax(message: problem, at: unsafe location(ofByte: parser.pointee.problem_offset))
        }
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) + ": " } ?? ""
        return .syntax(message: context + problem, at: unsafe Self.location(parser.pointee.problem_mark))
    }

    /// The reader reports a byte offset only.
    private func location(ofByte offset: Int) -> SourceLocation {
        var line = 1
        var column = 1
        for byte in unsafe Array(text.prefix(offset)) {
            if byte == 0x0a {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        return SourceLocation(line: line, column: column)
    }

    private static func location(_ mark: yaml_mark_t) -> SourceLocation {
        SourceLocation(line: mark.line + 1, column: mark.column + 1)
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }
}
