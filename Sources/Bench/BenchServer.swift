import Console
import Documents
import Model
import PrometheusAPI

/// A running server whose CPU time is read from outside.
package struct BenchServer {
    /// Its name in the table.
    package let name: String
    let client: PrometheusClient
    private let process: ProcessFigures

    /// `name=url,pid`
    package init(_ text: String) throws {
        let halves = text.split(separator: "=", maxSplits: 1)
        let rest = halves.count == 2 ? halves[1].split(separator: ",") : []
        guard rest.count == 2, let process = Int32(rest[1]) else {
            throw CommandError.badInput("--server \(text): wanted name=url,pid")
        }
        name = String(halves[0])
        client = try PrometheusClient(String(rest[0]))
        self.process = ProcessFigures(id: process)
    }

    /// CPU milliseconds of the process per request, and the answer's values as text. Asks until `spend` CPU seconds are
    /// used or twenty seconds have passed.
    package func cost(of question: BenchQuestion, spend: Double) async throws -> (milliseconds: Double, answer: String)
    {
        var answer = ""
        for _ in 0..<20 {
            let reply = try await client.post(question.path, form: question.form)
            guard reply.status == 200 else {
                throw CommandError.unreachable(
                    "\(name) answered \(reply.status) to \(question.name): \(String(decoding: reply.body.prefix(300), as: UTF8.self))"
                )
            }
            answer = Self.digest(reply.document)
        }
        let clock = ContinuousClock()
        let began = clock.now
        let before = try process.processorSeconds()
        var requests = 0
        var spent = 0.0
        repeat {
            for _ in 0..<20 { _ = try await client.post(question.path, form: question.form) }
            requests += 20
            spent = try process.processorSeconds() - before
        } while spent < spend && clock.now - began < .seconds(20)
        return (spent / Double(requests) * 1000, answer)
    }

    /// How many series an answer has, and the sum of their last values in four digits: servers that agree give the same.
    private static func digest(_ document: Node) -> String {
        guard let data = document["data"], let result = data["result"] else { return "text" }
        guard let items = try? result.elements() else { return "none" }
        var sum = 0.0
        for item in items {
            let point = item["value"] ?? (try? item["values"]?.elements().last)
            if let text = try? point?.elements().last?.string(), let value = Double(text), value.isFinite {
                sum += value
            }
        }
        return "\(items.count) series, \(FloatText.fixed(sum, places: 4))"
    }
}
