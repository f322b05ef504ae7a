import Documents
import Model

/// The JSON form of the facts behind a verdict, kept with it.
package enum FactsEncoder {
    /// `{"workload": {"deployment": "podinfo"}, "targets": [{"name", "up", "outcome"}]}`; `targets` is `null` when
    /// nothing was known of any.
    package static func json(_ facts: AnalysisFacts) -> [UInt8] {
        facts.workload == nil && facts.targets == nil ? nothing : encoded(facts)
    }

    /// Nearly every verdict needs no facts.
    private static let nothing = encoded(AnalysisFacts())

    private static func encoded(_ facts: AnalysisFacts) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("workload")
        if let workload = facts.workload {
            writer.beginObject()
            writer.field(workload.name, workload.value)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("targets")
        if let targets = facts.targets {
            writer.beginArray()
            for target in targets {
                writer.beginObject()
                writer.field("name", target.name)
                writer.field("up", target.isUp)
                writer.key("outcome")
                if let outcome = target.outcome { writer.string(ReasonText.name(outcome)) } else { writer.null() }
                writer.endObject()
            }
            writer.endArray()
        } else {
            writer.null()
        }
        writer.endObject()
        return writer.bytes
    }
}
