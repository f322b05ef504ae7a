import Console
import Documents

/// What an answer of the query API says, for a loose comparison: servers scrape at other instants of a second.
struct AnswerDigest {
    /// The last value of each series, by its labels.
    private var values: [String: Double] = [:]

    /// Reads an answer.
    package init(_ body: [UInt8]) throws {
        let document: Node
        do { document = try JSONReader.parse(body) } catch {
            throw CommandError.unreachable(
                "an answer is not JSON: \(String(decoding: body.prefix(200), as: UTF8.self))")
        }
        guard let items = try? document["data"]?["result"]?.elements() else {
            throw CommandError.unreachable(
                "an answer has no result: \(String(decoding: body.prefix(200), as: UTF8.self))")
        }
        for item in items {
            let point = item["value"] ?? (try? item["values"]?.elements().last)
            guard let text = try? point?.elements().last?.string(), let value = Double(text) else { continue }
            let labels = ((try? item["metric"]?.entries()) ?? []).map { entry in
                "\(entry.key)=\((try? entry.value.string()) ?? "")"
            }
            values[labels.sorted().joined(separator: ",")] = value
        }
    }

    /// How many series it has.
    package var count: Int { values.count }

    /// `same` when both have the same series with values within a hundredth of each other on average, else how far
    /// they are apart.
    package func compared(with other: AnswerDigest) -> String {
        guard Set(values.keys) == Set(other.values.keys) else { return "\(count) and \(other.count) series" }
        if values.isEmpty { return "both empty" }
        var apart = 0.0
        for (labels, value) in values {
            guard let peer = other.values[labels], value != peer, !(value.isNaN && peer.isNaN) else { continue }
            let scale = max(value.magnitude, peer.magnitude)
            apart += scale.isFinite ? (value - peer).magnitude / scale : 1
        }
        let percent = apart / Double(values.count) * 100
        return percent < 1 ? "same" : "\(Int(percent.rounded())) % apart"
    }
}
