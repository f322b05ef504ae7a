import Foundation
import PromQL
import TestSupport

/// The upstream cases that lie beside the repository, where they exist.
enum SharedCorpus {
    /// One case of parse.json.
    struct ParseCase: Decodable {
        struct Fault: Decodable {
            var error: String
            var start: Int?
            var end: Int?
        }
        struct Expectation: Decodable {
            var ok: Bool
            var node: String?
            var errors: [Fault]?
        }
        var expr: String?
        var expr_b64: Data?
        var expect: Expectation

        var bytes: [UInt8] { expr.map { Array($0.utf8) } ?? expr_b64.map { Array($0) } ?? [] }
    }

    /// One case of print.json.
    struct PrintCase: Decodable {
        var form: String
        var `in`: String
        var out: String
        var max_characters_per_line: Int?
    }

    private struct File<Case: Decodable>: Decodable { var cases: [Case] }

    /// The folder, `nil` when it is absent.
    static let folder = SharedFolder.url("corpora/promql-syntax")

    static var isThere: Bool { folder != nil }

    /// The cases of a file.
    static func cases<Case: Decodable>(_ name: String, of type: Case.Type) throws -> [Case] {
        guard let folder else { return [] }
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        return try JSONDecoder().decode(File<Case>.self, from: data).cases
    }
}

extension Expr {
    /// What Prometheus calls the node.
    var upstreamNode: String {
        switch self {
        case .number: "NumberLiteral"
        case .string: "StringLiteral"
        case .vector: "VectorSelector"
        case .matrix: "MatrixSelector"
        case .subquery: "SubqueryExpr"
        case .call: "Call"
        case .aggregate: "AggregateExpr"
        case .binary: "BinaryExpr"
        case .unary: "UnaryExpr"
        case .paren: "ParenExpr"
        }
    }
}
