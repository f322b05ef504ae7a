import NIOCore
import NIOHTTP1

/// Makes an `APIRequest` of what came over the wire.
enum RequestTranslation {
    /// The request of a head and its whole body. Form fields become parameters behind those of the URL.
    static func request(_ head: HTTPRequestHead, _ body: ByteBuffer) throws(APIError) -> APIRequest {
        let target = Array(head.uri.utf8)
        let mark = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let path = QueryParameters.decoded(target[..<mark]) ?? String(decoding: target[..<mark], as: UTF8.self)
        var parameters = QueryParameters()
        try parameters.append(encoded: target[mark...].dropFirst())
        let headers = HeaderFields(head.headers.map { ($0.name, $0.value) })
        var bytes: [UInt8] = []
        if head.method == .POST || head.method == .PUT {
            if headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") == true {
                try parameters.append(encoded: Array(body.readableBytesView)[...])
            } else {
                bytes = Array(body.readableBytesView)
            }
        }
        return APIRequest(
            method: head.method.rawValue, path: path, parameters: parameters, headers: headers, body: bytes)
    }
}
