import Documents

/// `match` and `sessionAffinity` of `spec.analysis`.
extension CanaryDecoder {
    private static let headerPatterns = ["exact", "prefix", "suffix", "regex"]
    private static let parameterPatterns = ["exact", "prefix", "regex"]

    /// Session affinity, `nil` without it. Flagger refuses a missing cookie name, and two cookies of one name.
    func sessionAffinity(_ analysis: inout ObjectReader) -> SessionAffinity? {
        collector.optional { () throws(YAMLError) in
            guard var reader = try analysis.object("sessionAffinity") else { return nil }
            var affinity = SessionAffinity(cookieName: try reader.requiredString("cookieName"))
            affinity.primaryCookieName = try reader.string("primaryCookieName")
            if affinity.primaryCookieName == affinity.cookieName {
                throw reader.invalid("primaryCookieName", "must differ from cookieName")
            }
            if let maxAge = try reader.int("maxAge"), maxAge != 0 { affinity.maxAge = maxAge }
            affinity.sameSite = try reader.choice("sameSite", ["Strict", "Lax", "None"])
            affinity.domain = try reader.string("domain")
            affinity.path = try reader.string("path")
            affinity.isHTTPOnly = try reader.bool("httpOnly") ?? false
            affinity.isSecure = try reader.bool("secure") ?? false
            affinity.isPartitioned = try reader.bool("partitioned") ?? false
            collector.refuseUnknown(reader)
            return affinity
        }
    }

    /// One A/B condition. Which of these a router can express is the router's matter.
    func matchCondition(_ node: Node, _ path: NodePath) -> MatchCondition? {
        collector.attempt { () throws(YAMLError) in
            var reader = try ObjectReader(node, path: path)
            var condition = MatchCondition()
            condition.headers = try patterns("headers", Self.headerPatterns, in: &reader)
            condition.queryParameters = try patterns("queryParams", Self.parameterPatterns, in: &reader)
            condition.sourceLabels = try reader.stringMap("sourceLabels")
            collector.refuseUnknown(reader)
            return condition
        }
    }

    private func patterns(
        _ key: String, _ kinds: [String], in reader: inout ObjectReader
    ) throws(YAMLError) -> [String: TextPattern] {
        guard let values = reader.node(key) else { return [:] }
        let path = reader.path.key(key)
        var patterns: [String: TextPattern] = [:]
        for entry in try values.entries(at: path) {
            patterns[entry.key] = try pattern(entry.value, kinds, path.key(entry.key))
        }
        return patterns
    }

    private func pattern(_ node: Node, _ kinds: [String], _ path: NodePath) throws(YAMLError) -> TextPattern? {
        var reader = try ObjectReader(node, path: path)
        var found: [(kind: String, text: String)] = []
        for kind in kinds {
            if let text = try reader.string(kind) { found.append((kind, text)) }
        }
        collector.refuseUnknown(reader)
        guard found.count == 1 else {
            let message =
                "wanted exactly one of \(kinds.joined(separator: ", ")), found "
                + (found.isEmpty ? "none" : found.map(\.kind).joined(separator: " and "))
            throw .invalidValue(path: path, message: message, at: reader.location)
        }
        return TextPattern(found[0].kind, found[0].text)
    }
}
