import AnalysisService
import Documents
import Foundation
import Model
import NIOCore
import PromQL
import PrometheusAPI
import TSDB
import Testing

@testable import Server

/// Answers that are longer than a client takes at once.
@Suite("Long answers", .timeLimit(.minutes(5))) struct AnswerTests {
    // MARK: Pieces

    private static let values: [QueryValue] = [
        .scalar(1500, 2), .string(0, "a\"b"), .vector([]), .matrix([]),
        .vector([
            VectorElement(labels: ["a": "b"], time: 1000, value: .float(1)),
            VectorElement(labels: [:], time: 1000, value: .float(.nan)),
        ]),
        .matrix([
            MatrixSeries(labels: ["a": "1"], times: [1000, 2000, 3000], values: [1, 2, 3]),
            MatrixSeries(labels: [:]),
            MatrixSeries(
                labels: ["a": "h"], times: [1], values: [1],
                histograms: [(2000, FloatHistogram()), (3000, FloatHistogram())]),
            MatrixSeries(labels: ["b": "h"], histograms: [(2000, FloatHistogram())]),
            MatrixSeries(labels: ["a": "2"], times: [1000], values: [.infinity]),
        ]),
    ]

    @Test("the pieces of an answer, however short, are the answer", arguments: [1, 7, 40, 1 << 20])
    func pieces(limit: Int) throws {
        for value in Self.values {
            var annotations = Annotations()
            annotations.warnings = ["w"]
            annotations.infos = ["i"]
            let whole = Envelope.success(annotations: annotations) { ResultJSON.write(value, to: &$0) }.body
            var writer = ResultPieces(value, annotations)
            var json = JSONWriter()
            var joined: [UInt8] = []
            var isOver = false
            while !isOver {
                isOver = writer.write(to: &json, upTo: limit)
                joined += json.bytes
                json.bytes.removeAll()
            }
            #expect(String(decoding: joined, as: UTF8.self) == String(decoding: whole, as: UTF8.self))
        }
    }

    // MARK: Over the wire

    /// Series whose range queries have answers of many megabytes, more than the buffers of a connection.
    private static func context(_ answers: ByteBudget) -> ServerContext {
        let base = RouteTests.context()
        for number in 0..<60 {
            let labels: Labels = ["__name__": "big", "number": "\(number)"]
            _ = base.database.append(
                [SeriesSamples(labels: labels, times: [RouteTests.now], values: [.float(Double(number))])],
                at: RouteTests.now)
        }
        return ServerContext(
            database: base.database, engine: base.engine, pool: EvaluationPool(threads: 1), targets: nil,
            clock: base.clock, facts: base.facts, runner: base.runner, answers: answers)
    }

    private static func request(version: String = "1.1") -> String {
        let start = RouteTests.now / 1000
        return
            "GET /api/v1/query_range?query=big&start=\(start)&end=\(start + 250).9&step=0.025 HTTP/\(version)\r\nHost: h\r\n\r\n"
    }

    /// The body of a chunked answer.
    private static func body(of answer: String) -> String {
        var rest = Substring(answer.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n"))
        var body = ""
        while let end = rest.firstRange(of: "\r\n"), let size = Int(rest[..<end.lowerBound], radix: 16), size > 0 {
            let from = end.upperBound
            let to = rest.utf8.index(from, offsetBy: size)
            body += rest[from..<to]
            rest = rest[rest.utf8.index(to, offsetBy: 2)...]
        }
        return body
    }

    @Test("a long answer comes in chunks, whole, and its bytes are given back") func whole() async throws {
        let budget = ByteBudget(limit: 1 << 30)
        try await Wire.withServer(Self.context(budget)) { port in
            let wire = try Wire(port: port)
            wire.send(Self.request())
            let answer = wire.receive(endingIn: "\r\n0\r\n\r\n")
            #expect(answer.contains("transfer-encoding: chunked") && !answer.contains("content-length"))
            let body = Self.body(of: answer)
            let root = try JSONReader.parse(Array(body.utf8))
            let series = try #require(try root["data"]?["result"]?.elements())
            #expect(series.count == 60)
            #expect(try series.allSatisfy { try $0["values"]?.elements().count == 10_037 })
            // The connection goes on.
            wire.send("GET /-/healthy HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(wire.receive(endingIn: "healthy.\n").contains("200 OK"))
            // Before HTTP/1.1 the end of the connection is the end of the answer.
            let old = try Wire(port: port)
            old.send(Self.request(version: "1.0"))
            let plain = old.receive(endingIn: "never")
            #expect(plain.hasSuffix("\r\n\r\n" + body))
            while budget.held > 0 { usleep(1000) }
        }
    }

    @Test("answers that nobody reads are bounded together; others are told to come again") func bounded() async throws {
        // One of them, and not two.
        let budget = ByteBudget(limit: 12 << 20, takesOneLarger: true)
        let context = Self.context(budget)
        try await Wire.withServer(context) { port in
            let first = try Wire(port: port, receiveBuffer: 4096)
            first.send(Self.request())
            while budget.held == 0 { usleep(1000) }
            let second = try Wire(port: port)
            second.send(Self.request())
            let refused = second.receive(endingIn: "}")
            #expect(refused.contains("503 Service Unavailable") && refused.contains("Retry-After: 1"), "\(refused)")
            second.send("GET /api/v1/query?query=sum(big) HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(second.receive(endingIn: "]}}").contains("200 OK"))
            #expect(first.receive(endingIn: "\r\n0\r\n\r\n").utf8.count > 10 << 20)
            while budget.held > 0 { usleep(1000) }
        }
    }

    @Test("a client that does not read its answer is closed in time") func unread() async throws {
        let budget = ByteBudget(limit: 1 << 30)
        var limits = ServerLimits()
        limits.tick = .milliseconds(5)
        limits.writing = .milliseconds(100)
        try await Wire.withServer(Self.context(budget), limits: limits) { port in
            let wire = try Wire(port: port, receiveBuffer: 4096)
            wire.send(Self.request())
            while budget.held == 0 { usleep(1000) }
            while budget.held > 0 { usleep(1000) }
            #expect(!wire.receive(endingIn: "never").hasSuffix("0\r\n\r\n"))
        }
    }

    @Test("the bytes of an answer are given back when its client leaves") func left() async throws {
        let budget = ByteBudget(limit: 1 << 30)
        try await Wire.withServer(Self.context(budget)) { port in
            var wire: Wire? = try Wire(port: port, receiveBuffer: 4096)
            wire?.send(Self.request())
            while budget.held == 0 { usleep(1000) }
            wire = nil
            while budget.held > 0 { usleep(1000) }
        }
    }

    @Test("requests behind an answer that is not read wait") func pipelined() async throws {
        let context = Self.context(ByteBudget(limit: 1 << 30))
        try await Wire.withServer(context) { port in
            let wire = try Wire(port: port, receiveBuffer: 4096)
            let next = "GET /api/v1/labels HTTP/1.1\r\nHost: h\r\n\r\n"
            wire.send(Self.request() + next)
            let answer = wire.receive(2, endingIn: "\"success\"")
            #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 3)
        }
    }
}
