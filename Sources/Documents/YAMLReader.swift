/// YAML 1.2 documents as node trees: core schema, anchors and aliases, merge keys. Keys must be texts and unique.
package enum YAMLReader {
    /// All documents of a text; an empty text has none. A document without content is a plain empty scalar.
    ///
    /// Linear in the size of the text and of what its aliases expand to; both are limited.
    package static func documents(
        _ text: String, limits: ReaderLimits = ReaderLimits()
    ) throws(YAMLError) -> [Node] {
        // libyaml counts a byte order mark as a column, which breaks the indentation of what follows.
        let bytes = text.utf8.starts(with: [0xef, 0xbb, 0xbf]) ? Array(text.utf8.dropFirst(3)) : Array(text.utf8)
        guard bytes.count <= limits.bytes else { throw .tooLarge(bytes: bytes.count, limit: limits.bytes) }
        guard let events = YAMLEvents(bytes) else {
            throw .syntax(message: "no memory for the YAML parser", at: SourceLocation(line: 1, column: 1))
        }
        var documents: [Node] = []
        var budget = limits.nodes
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return documents
            case .documentStart:
                var composer = Composer(events: events, limits: limits, nodesLeft: budget)
                documents.append(try composer.node(try events.next(), depth: 0))
                budget = composer.nodesLeft
            default: continue
            }
        }
    }
}

/// Builds the tree of one document.
private struct Composer {
    private let events: YAMLEvents
    private let limits: ReaderLimits
    private(set) var nodesLeft: Int
    /// Anchored nodes with the number of values in them and levels below them, so that an alias is paid for without
    /// walking it.
    private var anchors: [String: (node: Node, size: Int, height: Int)] = [:]
    /// The deepest level that the node under construction reaches, aliases expanded.
    private var deepest = 0

    init(events: YAMLEvents, limits: ReaderLimits, nodesLeft: Int) {
        self.events = events
        self.limits = limits
        self.nodesLeft = nodesLeft
    }

    mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Node {
        guard depth <= limits.depth else { throw .tooDeep(limit: limits.depth, at: event.location) }
        let before = nodesLeft
        let deepestSibling = deepest
        deepest = depth
        defer { deepest = max(deepest, deepestSibling) }
        try pay(1, at: event.location)
        let name: String?
        let node: Node
        switch event.kind {
        case .alias(let anchor):
            guard let known = anchors[anchor] else { throw .unknownAlias(anchor, at: event.location) }
            try pay(known.size - 1, at: event.location)
            deepest = depth + known.height
            guard deepest <= limits.depth else { throw .tooDeep(limit: limits.depth, at: event.location) }
            return Node(known.node.kind, at: event.location)
        case .scalar(let anchor, let tag, let scalar):
            name = anchor
            node = Node(.scalar(try Self.tagged(scalar, tag, at: event.location)), at: event.location)
        case .sequenceStart(let anchor, let tag):
            name = anchor
            try Self.check(tag, is: "tag:yaml.org,2002:seq", at: event.location)
            node = Node(.sequence(try elements(depth: depth)), at: event.location)
        case .mappingStart(let anchor, let tag):
            name = anchor
            try Self.check(tag, is: "tag:yaml.org,2002:map", at: event.location)
            node = Node(.mapping(try entries(depth: depth)), at: event.location)
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            throw .syntax(message: "wanted a value, found the end of one", at: event.location)
        }
        if let name { anchors[name] = (node, before - nodesLeft, deepest - depth) }
        return node
    }

    private mutating func elements(depth: Int) throws(YAMLError) -> [Node] {
        var out: [Node] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { return out }
            out.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func entries(depth: Int) throws(YAMLError) -> [Node.Entry] {
        var out: [Node.Entry] = []
        var locations: [Key: SourceLocation] = [:]
        var merged: [Node] = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            guard case .scalar(let key) = try node(event, depth: depth + 1).kind else {
                throw .keyIsNoText(at: event.location)
            }
            let value = try node(try events.next(), depth: depth + 1)
            if key.isPlain, key.text == "<<" {
                merged.append(value)
                continue
            }
            if let first = locations.updateValue(event.location, forKey: Key(text: key.text)) {
                throw .duplicateKey(key.text, first: first, at: event.location)
            }
            out.append(Node.Entry(key: key.text, keyLocation: event.location, value: value))
        }
        for node in merged { try merge(node, into: &out, locations: &locations) }
        return out
    }

    /// `<<: *base` and `<<: [*a, *b]`: keys of the base that the mapping does not have itself; earlier bases win.
    private func merge(
        _ node: Node, into entries: inout [Node.Entry], locations: inout [Key: SourceLocation]
    ) throws(YAMLError) {
        let bases: [Node]
        if case .sequence(let list) = node.kind { bases = list } else { bases = [node] }
        for base in bases {
            guard case .mapping(let inherited) = base.kind else {
                throw .syntax(message: "wanted a mapping to merge, found \(base.kindName)", at: base.location)
            }
            for entry in inherited where locations[Key(text: entry.key)] == nil {
                locations[Key(text: entry.key)] = entry.keyLocation
                entries.append(entry)
            }
        }
    }

    private mutating func pay(_ nodes: Int, at location: SourceLocation) throws(YAMLError) {
        guard nodes <= nodesLeft else { throw .tooManyNodes(limit: limits.nodes, at: location) }
        nodesLeft -= nodes
    }

    /// `!!str` and `!` make a text of a plain scalar, the other core tags a typed one of a quoted scalar.
    private static func tagged(
        _ scalar: Node.Scalar, _ tag: String?, at location: SourceLocation
    ) throws(YAMLError) -> Node.Scalar {
        switch tag {
        case nil: return scalar
        case "!", "tag:yaml.org,2002:str": return Node.Scalar(text: scalar.text, isPlain: false)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null":
            return Node.Scalar(text: scalar.text, isPlain: true)
        case let other?: throw .unsupportedTag(other, at: location)
        }
    }

    private static func check(_ tag: String?, is wanted: String, at location: SourceLocation) throws(YAMLError) {
        guard let tag, tag != "!", tag != wanted else { return }
        throw .unsupportedTag(tag, at: location)
    }
}

/// Keys are the same when their bytes are, unlike `String`'s own equality.
struct Key: Hashable {
    let text: String

    static func == (left: Key, right: Key) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
