import NIOCore
import NIOHTTP1

/// Makes an `APIRequest` of what came over the wire.
enum RequestTranslation {
    /// The request of a head and its whole body. Form fields become parameters behind those of the URL.
    static func request(
        _ head: HTTPRequestHead, _ target: RequestTarget, _ body: ByteBuffer
    ) throws(APIError) -> APIRequest {
        var parameters = QueryParameters()
        try parameters.append(encoded: target.query)
        let headers = HeaderFields(head.headers.map { ($0.name, $0.value) })
        var bytes: [UInt8] = []
        if takesBody(head.method) {
            // curl calls every body a form unless told otherwise. Canaries never come as one.
            let mayBeForm = !target.path.hasPrefix("/analysis/")
            if mayBeForm, headers["content-type"]?.hasPrefix("application/x-www-form-urlencoded") == true {
                try parameters.append(encoded: Array(body.readableBytesView)[...])
            } else {
                bytes = Array(body.readableBytesView)
            }
        }
        var request = APIRequest(
            method: head.method.rawValue, path: target.path, parameters: parameters, headers: headers, body: bytes)
        request.segments = target.segments
        return request
    }

    /// Whether the body of such a request is looked at.
    static func takesBody(_ method: HTTPMethod) -> Bool { method == .POST || method == .PUT }
}
