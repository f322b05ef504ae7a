package import Foundation
private import FoundationNetworking

/// Plain HTTP by Foundation, so that the tests don't test our client with our server.
package enum HTTP {
    /// A GET, its body as text.
    package static func get(_ url: String) async throws -> String {
        String(decoding: try await send(url, "GET").body, as: UTF8.self)
    }

    /// A POST, the answer's body as text.
    package static func post(_ url: String, _ body: String, type: String = "application/json") async throws -> String {
        let answer = try await send(url, "POST", Data(body.utf8), headers: ["Content-Type": type])
        return String(decoding: answer.body, as: UTF8.self)
    }

    /// A request with any method, body and header fields.
    package static func send(
        _ url: String, _ method: String, _ body: Data? = nil, headers: [String: String] = [:]
    ) async throws -> (status: Int, body: Data) {
        guard let target = URL(string: url) else { throw Daemon.Failure(message: "no URL: \(url)") }
        // Nothing is asserted about time: beside all other tests, an answer can take minutes.
        var request = URLRequest(url: target, timeoutInterval: 600)
        request.httpMethod = method
        request.httpBody = body
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let (data, response) = try await URLSession.shared.data(for: request)
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
    }
}
