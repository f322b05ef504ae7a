import AnalysisService
import Model
import RemoteWrite
import TSDB

/// `/api/v1/write`: the receiver of Prometheus remote write 1.0.
///
/// The answer 204 means that the samples reached the kernel (`Database.flush`). A request with refused samples is
/// answered with 400 and the first reason, so that the sender drops it instead of repeating it; unlike in Prometheus
/// its other samples are stored. Series whose labels can't name a series are left out, counted and logged, and the request
/// is answered by its other series, as in Prometheus. Errors are plain text, as senders log them.
enum RemoteWriteRoute {
    static func add(to routes: inout RouteTable, _ context: ServerContext) {
        let database = context.database
        let problems = context.remoteWriteProblems
        routes.on(["POST"], "/api/v1/write", .write, guarded: true) { request throws(APIError) in
            if let refusal = refusal(of: request) { return refusal }
            if context.isReadOnly { return .text(ServerContext.readOnlyRefusal, status: 503) }
            let now = context.clock.now()
            let body = request.body
            do throws(EvaluationPool.Refusal) {
                let answer = try await context.writes.run { _ in store(body, into: database, problems, at: now) }
                context.registered?.received()
                return answer
            } catch {
                let error = APIError(error, of: "remote writes")
                return .text(error.message, status: error.status)
            }
        }
    }

    /// 415 for a message or an encoding that is not taken. Missing headers mean 1.0 and snappy, as in Prometheus.
    private static func refusal(of request: APIRequest) -> APIResponse? {
        let encoding = request.headers["content-encoding"] ?? ""
        guard encoding.isEmpty || encoding.lowercased() == "snappy" else {
            return .text(
                "\(encoding) encoding (compression) is not accepted by this server; only snappy is", status: 415)
        }
        guard let type = request.headers["content-type"], !type.isEmpty else { return nil }
        let parts = type.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        guard parts[0].lowercased() == "application/x-protobuf" else {
            return .text(
                "expected application/x-protobuf as the first (media) part, got \(type) content-type", status: 415)
        }
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            guard halves.count == 2, halves[0].lowercased() == "proto" else { continue }
            guard halves[1] == "prometheus.WriteRequest" else {
                return .text(
                    "\(halves[1]) protobuf message is not accepted by this server; only prometheus.WriteRequest is",
                    status: 415)
            }
        }
        return nil
    }

    /// Without blanks and tabs at both ends.
    private static func trimmed(_ text: Substring) -> Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    /// Decodes and stores; blocks until the head log is written.
    private static func store(
        _ body: [UInt8], into database: Database, _ problems: RemoteWriteProblems, at now: Timestamp
    ) -> APIResponse {
        do {
            let request = try WriteRequest(snappy: body)
            problems.note(request, at: now)
            let report = database.append(request.series, at: now)
            try database.flush()
            guard report.refused == 0 else {
                return .text(report.firstError ?? "\(report.refused) samples were refused", status: 400)
            }
            return APIResponse(status: 204, contentType: nil, body: [])
        } catch let error as RemoteWriteError {
            return .text(error.description, status: 400)
        } catch {
            return .text("storing the samples: \(error)", status: 500)
        }
    }
}
