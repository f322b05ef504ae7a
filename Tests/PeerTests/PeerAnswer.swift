import Foundation
import TestSupport

/// What a server answered, as far as it is compared.
struct PeerAnswer: Sendable {
    /// One series, or one element with one point.
    struct Series: Sendable {
        var points: [(time: Double, value: Double)]
    }

    /// The kind of error, `nil` for an answer.
    var errorType: String?
    var message = ""
    var resultType = ""
    /// By labels as sorted text.
    var series: [String: Series] = [:]

    /// An answer without any series.
    var isEmpty: Bool { errorType != nil || series.isEmpty }

    /// Fraction by which values may differ, as in Prometheus's compliance tester.
    static let tolerance = 1e-5

    private struct Envelope: Decodable {
        struct Payload: Decodable {
            var resultType: String
            var result: Result
        }
        var status: String
        var errorType: String?
        var error: String?
        var data: Payload?
    }

    private enum Result: Decodable {
        case point(Point)
        case series([Item])

        init(from decoder: any Decoder) throws {
            if let items = try? [Item](from: decoder) {
                self = .series(items)
            } else {
                self = .point(try Point(from: decoder))
            }
        }
    }

    private struct Item: Decodable {
        var metric: [String: String]
        var value: Point?
        var values: [Point]?
    }

    private struct Point: Decodable {
        var time: Double
        var value: String

        init(from decoder: any Decoder) throws {
            var list = try decoder.unkeyedContainer()
            time = try list.decode(Double.self)
            value = try list.decode(String.self)
        }

        var pair: (time: Double, value: Double) { (time, Self.number(value)) }

        private static func number(_ text: String) -> Double {
            switch text {
            case "+Inf": .infinity
            case "-Inf": -.infinity
            default: Double(text) ?? .nan
            }
        }
    }

    /// Asks a server.
    static func ask(_ question: Question, of url: String) async throws -> PeerAnswer {
        let answer = try await HTTP.send(
            url + question.path, "POST", Data(question.form.utf8),
            headers: ["Content-Type": "application/x-www-form-urlencoded"])
        let envelope: Envelope
        do { envelope = try JSONDecoder().decode(Envelope.self, from: answer.body) } catch {
            let text = String(decoding: answer.body.prefix(500), as: UTF8.self)
            throw Daemon.Failure(message: "\(url) answered \(answer.status) to \(question): \(error)\n\(text)")
        }
        var out = PeerAnswer()
        guard envelope.status == "success", let data = envelope.data else {
            out.errorType = envelope.errorType ?? "none"
            out.message = envelope.error ?? ""
            return out
        }
        out.resultType = data.resultType
        switch data.result {
        case .point(let point): out.series["scalar"] = Series(points: [point.pair])
        case .series(let items):
            for item in items {
                let labels = item.metric.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
                let points = (item.values ?? []) + (item.value.map { [$0] } ?? [])
                out.series["{\(labels.joined(separator: ","))}"] = Series(points: points.map(\.pair))
            }
        }
        return out
    }

    /// The first difference in words, `nil` if there is none.
    func difference(from other: PeerAnswer) -> String? {
        if errorType != nil || other.errorType != nil {
            if (errorType == nil) == (other.errorType == nil) { return nil }
            return "haldane: \(errorType.map { "\($0): \(message)" } ?? "\(series.count) series"); "
                + "prometheus: \(other.errorType.map { "\($0): \(other.message)" } ?? "\(other.series.count) series")"
        }
        guard resultType == other.resultType else { return "type \(resultType), wanted \(other.resultType)" }
        for labels in other.series.keys.sorted() where series[labels] == nil { return "missing \(labels)" }
        for labels in series.keys.sorted() {
            guard let theirs = other.series[labels]?.points, let ours = series[labels]?.points else {
                return "too many: \(labels)"
            }
            guard ours.map(\.time) == theirs.map(\.time) else {
                let mine = Set(ours.map(\.time))
                let peers = Set(theirs.map(\.time))
                return "\(labels) has points at other times: only here \(mine.subtracting(peers).sorted().prefix(3)), "
                    + "only there \(peers.subtracting(mine).sorted().prefix(3))"
            }
            for (mine, peers) in zip(ours, theirs) where !Self.close(mine.value, peers.value) {
                return "\(labels) at \(mine.time): \(mine.value), wanted \(peers.value)"
            }
        }
        return nil
    }

    private static func close(_ one: Double, _ other: Double) -> Bool {
        if one.isNaN || other.isNaN { return one.isNaN && other.isNaN }
        if one == other { return true }
        return (one - other).magnitude <= tolerance * max(one.magnitude, other.magnitude)
    }
}
