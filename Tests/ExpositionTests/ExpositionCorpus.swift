import Foundation
import Model

/// Prometheus's own exposition cases, as they lie outside the repository.
struct ExpositionCorpus: Decodable {
    struct Value: Decodable {
        var bits: UInt64
        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                bits = number.bitPattern
            } else {
                bits = try container.decode(String.self) == "NaN" ? SpecialValue.ordinaryNaNBits : 0
            }
        }
    }
    struct Exemplar: Decodable {}
    struct Entry: Decodable {
        var kind: String
        var name: String?
        var help: String?
        var type: String?
        var unit: String?
        var text: String?
        var series: String?
        var value: Value?
        var timestamp: Int64?
        var labels: [String: String]?
        var exemplars: [Exemplar]?
        enum CodingKeys: String, CodingKey {
            case kind, name, help, type, unit, text, series, value, labels, exemplars
            case timestamp = "timestamp_ms"
        }
    }
    struct Expectation: Decodable {
        var ok: Bool
        var entries: [Entry]?
    }
    struct Case: Decodable {
        var format: String
        var input: String?
        var inputBase64: String?
        var expect: Expectation
        enum CodingKeys: String, CodingKey {
            case format, input, expect
            case inputBase64 = "input_b64"
        }
        var body: [UInt8] {
            if let inputBase64 { return Array(Data(base64Encoded: inputBase64) ?? Data()) }
            return Array((input ?? "").utf8)
        }
    }
    var cases: [Case]

    /// One of the two files of cases.
    init(_ file: String) throws {
        self = try JSONDecoder().decode(Self.self, from: SharedFiles.data("corpora/exposition/\(file).json"))
    }
}
