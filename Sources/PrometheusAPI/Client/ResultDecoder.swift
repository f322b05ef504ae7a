import Documents
import Model
package import PromQL

/// Reads the Prometheus API's JSON back into values.
package enum ResultDecoder {
    /// What a query endpoint answered.
    package struct Reply {
        /// The result.
        package var value: QueryValue
        /// The warnings and infos.
        package var annotations: Annotations
    }

    /// The reply of `/api/v1/query` or `query_range`. An error envelope becomes `badInput` with the server's text.
    package static func reply(_ answer: PrometheusClient.Answer) throws -> Reply {
        let document = answer.document
        if let status = document["status"], try status.string() == "error" {
            let text = try document["error"]?.string() ?? "unknown error"
            if answer.status == 503 { throw ClientError.unreachable("the server can't answer now: \(text)") }
            throw ClientError.badInput(text)
        }
        guard let data = document["data"], let result = data["result"], let type = try data["resultType"]?.string()
        else {
            throw ClientError.unreachable(
                "the answer (HTTP \(answer.status)) is not that of a query; is it a Prometheus-compatible server?")
        }
        var annotations = Annotations()
        annotations.warnings = try document["warnings"]?.elements().map { try $0.string() } ?? []
        annotations.infos = try document["infos"]?.elements().map { try $0.string() } ?? []
        return Reply(value: try value(type, result), annotations: annotations)
    }

    private static func value(_ type: String, _ result: Node) throws -> QueryValue {
        switch type {
        case "scalar":
            let (time, text) = try pair(result)
            return .scalar(time, number(text))
        case "string":
            let (time, text) = try pair(result)
            return .string(time, text)
        case "vector":
            return .vector(
                try result.elements().compactMap { element in
                    guard let value = element["value"] else { return nil }
                    let (time, text) = try pair(value)
                    return VectorElement(labels: try labels(element), time: time, value: .float(number(text)))
                })
        case "matrix":
            return .matrix(
                try result.elements().map { element in
                    var series = MatrixSeries(labels: try labels(element))
                    for sample in try element["values"]?.elements() ?? [] {
                        let (time, text) = try pair(sample)
                        series.times.append(time)
                        series.values.append(number(text))
                    }
                    return series
                })
        default:
            throw ClientError.unreachable("the server answered with the unknown result type \(GoQuote.quoted(type))")
        }
    }

    private static func labels(_ element: Node) throws -> Labels {
        Labels(try element["metric"]?.entries().map { Label($0.key, try $0.value.string()) } ?? [])
    }

    private static func pair(_ node: Node) throws -> (Timestamp, String) {
        let parts = try node.elements()
        guard parts.count == 2 else { throw ClientError.unreachable("a sample of the answer is not [time, value]") }
        return (Timestamp(saturating: (try parts[0].double() * 1000).rounded()).clamped, try parts[1].string())
    }

    private static func number(_ text: String) -> Double {
        switch text {
        case "NaN": SpecialValue.ordinaryNaN
        case "+Inf", "Inf": .infinity
        case "-Inf": -.infinity
        default: Double(text) ?? SpecialValue.ordinaryNaN
        }
    }
}
