import NIOCore
import NIOHTTP1

/// Makes an `APIRequest` of what came over the wire.
enum RequestTranslation {
    /// The request of a head and its whole body. Form fields become parameters behind those of the URL.
    static func request(_ head: HTTPRequestHead, _ body: ByteBuffer) throws(APIError) -> APIRequest {
        let target = head.uri.utf8
        let mark = target.firstIndex(of: UInt8(ascii: "?"))
        let rawPath = target[..<(mark ?? target.endIndex)]
        let path = QueryParameters.decoded(rawPath) ?? String(Substring(rawPath))
        var parameters = QueryParameters()
        if let mark { try parameters.append(encoded: Substring(target[target.index(after: mark)...])) }
        var headers: [String: String] = [:]
        for (name, value) in head.headers { headers[name.lowercased()] = value }
        var bytes: [UInt8] = []
        if head.method == .POST || head.method == .PUT {
            if headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") == true {
                try parameters.append(encoded: String(buffer: body))
            } else {
                bytes = Array(body.readableBytesView)
            }
        }
        return APIRequest(
            method: head.method.rawValue, path: path, parameters: parameters, headers: headers, body: bytes)
    }
}
