import Documents

extension ObjectReader {
    /// `{name, namespace}`, the namespace defaulting to the referring object's.
    mutating func objectReference(
        _ key: String, namespace: String, collector: FindingCollector
    ) throws(YAMLError) -> ObjectReference? {
        guard var reader = try object(key) else { return nil }
        let name = try reader.requiredString("name")
        let other = try reader.string("namespace")
        if let problem = KubernetesName.problem(ofName: name) { throw reader.invalid("name", problem) }
        if let other, !other.isEmpty, let problem = KubernetesName.problem(ofNamespace: other) {
            throw reader.invalid("namespace", problem)
        }
        collector.refuseUnknown(reader)
        return ObjectReference(name: name, namespace: other.flatMap { $0.isEmpty ? nil : $0 } ?? namespace)
    }

    /// The name in `{name}`, a reference to a Secret of the object's own namespace. `nil` when absent.
    mutating func secretName(_ key: String, collector: FindingCollector) throws(YAMLError) -> String? {
        guard var reader = try object(key) else { return nil }
        let name = try reader.requiredString("name")
        collector.refuseUnknown(reader)
        return name
    }

    /// `{apiVersion, kind, name}` with one of `kinds`; further keys are the caller's to judge.
    func workloadReference(
        kinds: [String], known: [String] = [], collector: FindingCollector
    ) throws(YAMLError) -> WorkloadReference {
        var reader = self
        for key in known { reader.ignore(key) }
        let reference = WorkloadReference(
            apiVersion: try reader.requiredString("apiVersion"), kind: try reader.requiredString("kind"),
            name: try reader.requiredString("name"))
        if !kinds.contains(reference.kind) {
            throw reader.invalid("kind", "wanted \(kinds.joined(separator: ", ")), found \"\(reference.kind)\"")
        }
        if let problem = KubernetesName.problem(ofName: reference.name) { throw reader.invalid("name", problem) }
        collector.refuseUnknown(reader)
        return reference
    }

    /// A text of Flagger's interval form, `^[0-9]+(m|s)`, not anchored at its end. `nil` when absent.
    mutating func intervalText(_ key: String) throws(YAMLError) -> String? {
        guard let text = try string(key) else { return nil }
        let unit = text.drop { ("0"..."9").contains($0) }
        guard unit.count < text.count, unit.first == "m" || unit.first == "s" else {
            throw invalid(key, "wanted a duration in minutes or seconds such as 1m or 30s, found \"\(text)\"")
        }
        return text
    }

    /// A text that must be one of `values`. `nil` when absent.
    mutating func choice(_ key: String, _ values: [String]) throws(YAMLError) -> String? {
        guard let text = try string(key) else { return nil }
        guard values.contains(text) else {
            let hint = Suggestion.nearest(to: text, in: values).map { "; did you mean \"\($0)\"?" } ?? ""
            throw invalid(
                key,
                "unknown value \"\(text)\"\(hint) (known: \(values.filter { !$0.isEmpty }.joined(separator: ", ")))")
        }
        return text
    }
}
