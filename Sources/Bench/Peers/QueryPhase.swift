import Console
import Model

/// What one question costs a server.
struct QueryCost {
    /// CPU milliseconds of the server per request, less what its scraping took meanwhile.
    var processor: Double
    /// Median of the time until the answer was there, in milliseconds.
    var latency: Double
    /// The answer for the newest time.
    var answer: AnswerDigest
}

/// Asks a server questions and watches its CPU time.
struct QueryPhase {
    let server: PeerServer
    /// CPU seconds per second that scraping takes.
    let scraping: Double
    /// The newest time that is asked about. The others are up to seven seconds older.
    let time: Timestamp
    /// CPU seconds to spend on a question, and the most seconds that may pass.
    let spend: Double
    let limit: Duration

    private func requests(_ question: CanaryQuestion) -> [[UInt8]] {
        (0..<8).map { QueryConnection.request(question.path(at: time - $0 * 1_000)) }
    }

    /// One after the other over one kept connection.
    package func cost(of question: CanaryQuestion) throws -> QueryCost {
        let requests = requests(question)
        var connection = try QueryConnection(port: server.port)
        let first = try connection.exchange(requests[0])
        guard first.status == 200 else {
            throw CommandError.unreachable(
                "answered \(first.status) to \(question.query): \(String(decoding: first.body.prefix(300), as: UTF8.self))"
            )
        }
        let answer = try AnswerDigest(first.body)
        let began = ContinuousClock.now
        var next = 0
        // To be warm, but not for long where an answer takes seconds.
        while next < requests.count, ContinuousClock.now - began < limit / 4 {
            _ = try connection.exchange(requests[next])
            next += 1
        }
        let start = ContinuousClock.now
        let before = try server.figures.processorSeconds()
        var latencies: [Double] = []
        var spent = 0.0
        repeat {
            let sent = ContinuousClock.now
            try connection.send(requests[next % requests.count])
            while try !connection.receive() {}
            latencies.append((ContinuousClock.now - sent) / .milliseconds(1))
            next += 1
            if next % requests.count == 0 || latencies[latencies.count - 1] > 100 {
                try Task.checkCancellation()
                spent = try server.figures.processorSeconds() - before
            }
        } while spent < spend && ContinuousClock.now - start < limit
        let took = ContinuousClock.now - start
        spent = try server.figures.processorSeconds() - before
        let asking = spent - scraping * (took / .seconds(1))
        return QueryCost(
            processor: max(0, asking) / Double(latencies.count) * 1_000,
            latency: latencies.sorted()[latencies.count / 2], answer: answer)
    }

    /// Requests per second over four connections, each with one request on its way.
    func throughput(of question: CanaryQuestion) throws -> Double {
        let requests = requests(question)
        var one = try QueryConnection(port: server.port)
        var two = try QueryConnection(port: server.port)
        var three = try QueryConnection(port: server.port)
        var four = try QueryConnection(port: server.port)
        let descriptors = [one.descriptor, two.descriptor, three.descriptor, four.descriptor]
        try one.send(requests[0])
        try two.send(requests[0])
        try three.send(requests[0])
        try four.send(requests[0])
        var answered = 0
        let step = { (connection: inout QueryConnection) throws in
            guard try connection.receive() else { return }
            answered += 1
            try connection.send(requests[answered % requests.count])
        }
        let began = ContinuousClock.now
        let duration = min(limit, .seconds(2))
        while ContinuousClock.now - began < duration {
            let ready = try QueryConnection.wait(descriptors)
            if ready[0] { try step(&one) }
            if ready[1] { try step(&two) }
            if ready[2] { try step(&three) }
            if ready[3] { try step(&four) }
        }
        return Double(answered) / ((ContinuousClock.now - began) / .seconds(1))
    }
}
