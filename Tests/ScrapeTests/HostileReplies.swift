import Foundation
import Model
import NIOCore
import TestSupport
import Testing

/// An answer that no target should give, and what must become of it.
struct HostileReply: Sendable, CustomTestStringConvertible {
    var name: String
    var reply: TestServer.Reply
    var outcome: ScrapeOutcome
    /// Part of the reason that users are shown.
    var message: String
    /// Bytes of a body the job allows.
    var bodyLimit = 1 << 20

    var testDescription: String { name }

    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    private static let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"

    private static func raw(_ text: String, endlessly: String = "", pause: TimeAmount = .zero, closes: Bool = false)
        -> TestServer.Reply
    {
        TestServer.Reply(bytes: Array(text.utf8), closes: closes, endlessly: Array(endlessly.utf8), pause: pause)
    }

    private static func chunk(_ text: String) -> String {
        String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n"
    }

    /// Ten gigabytes of zeros, as 5,000 gzip members of 2 MB.
    private static let bomb: [UInt8] = {
        let member = Array(Data(base64Encoded: Gzip.zeros) ?? Data())
        var out: [UInt8] = []
        for _ in 0..<5_000 { out += member }
        return out
    }()

    private static let longLine = "a{b=\"" + String(repeating: "x", count: 1 << 20) + "\"} 1\n"
    private static let tooLarge = "body size limit exceeded"

    /// Everything at once.
    static let all: [HostileReply] = transport + bodies

    /// Wrong below the exposition.
    static let transport: [HostileReply] = [
        HostileReply(
            name: "endless chunked body",
            reply: raw(chunked, endlessly: chunk(String(repeating: "a 1\n", count: 4_000))), outcome: .limitExceeded,
            message: tooLarge),
        HostileReply(
            name: "endless body without length",
            reply: raw(head + "\r\n", endlessly: String(repeating: "# nothing\n", count: 4_000)),
            outcome: .limitExceeded, message: tooLarge),
        HostileReply(
            name: "10 GB gzip bomb", reply: .body(bomb, headers: "Content-Encoding: gzip\r\n"),
            outcome: .limitExceeded, message: tooLarge, bodyLimit: 20 << 20),
        HostileReply(
            name: "slow drip", reply: raw(chunked, endlessly: chunk("#"), pause: .milliseconds(20)),
            outcome: .timedOut, message: "context deadline exceeded"),
        HostileReply(
            name: "slow drip of headers", reply: raw(head, endlessly: "X-A: b\r\n", pause: .milliseconds(20)),
            outcome: .timedOut, message: "context deadline exceeded"),
        HostileReply(
            name: "length longer than the body", reply: raw(head + "Content-Length: 100\r\n\r\na 1\n", closes: true),
            outcome: .malformedBody, message: "unexpected EOF"),
        HostileReply(
            name: "negative length", reply: raw(head + "Content-Length: -5\r\n\r\na 1\n"), outcome: .malformedBody,
            message: "malformed HTTP response"),
        HostileReply(
            name: "two lengths", reply: raw(head + "Content-Length: 4\r\nContent-Length: 3\r\n\r\na 1\n"),
            outcome: .malformedBody, message: "malformed HTTP response"),
        HostileReply(
            name: "length beyond all numbers",
            reply: raw(head + "Content-Length: 99999999999999999999999\r\n\r\na 1\n"), outcome: .malformedBody,
            message: "malformed HTTP response"),
        HostileReply(
            name: "broken chunk", reply: raw(chunked + "zz\r\na 1\n"), outcome: .malformedBody,
            message: "malformed HTTP response"),
        HostileReply(
            name: "closed in the middle of a chunk", reply: raw(chunked + "100\r\na 1\n", closes: true),
            outcome: .malformedBody, message: "unexpected EOF"),
        HostileReply(
            name: "closed in the middle of the headers", reply: raw("HTTP/1.1 200 OK\r\nConte", closes: true),
            outcome: .malformedBody, message: "unexpected EOF"),
        HostileReply(
            name: "closed at once", reply: raw("", closes: true), outcome: .connectionFailed, message: "EOF"),
        HostileReply(
            name: "garbage", reply: raw("\u{16}\u{3}\u{1}\u{0} not HTTP at all\r\n\r\n"), outcome: .malformedBody,
            message: "malformed HTTP response"),
        HostileReply(
            name: "endless garbage", reply: raw("HTTP/1.1 200 ", endlessly: String(repeating: "x", count: 4096)),
            outcome: .malformedBody, message: "malformed HTTP response"),
        HostileReply(
            name: "huge header", reply: raw(head + "X-A: " + String(repeating: "x", count: 1 << 20) + "\r\n\r\n"),
            outcome: .malformedBody, message: "malformed HTTP response"),
        HostileReply(
            name: "endless headers", reply: raw(head, endlessly: String(repeating: "X-A: b\r\n", count: 500)),
            outcome: .malformedBody, message: "malformed HTTP response"),
        HostileReply(
            name: "endless trailers", reply: raw(chunked + "0\r\n", endlessly: "X-A: b\r\n"), outcome: .malformedBody,
            message: "malformed HTTP response"),
        HostileReply(
            name: "endless interim answers", reply: raw("", endlessly: "HTTP/1.1 103 Early Hints\r\n\r\n"),
            outcome: .malformedBody, message: "malformed HTTP response"),
        HostileReply(
            name: "endless body of a 404",
            reply: raw("HTTP/1.1 404 Not Found\r\n\r\n", endlessly: String(repeating: "x", count: 4096)),
            outcome: .httpStatus(404), message: "server returned HTTP status 404 Not Found"),
        HostileReply(
            name: "redirect loop", reply: .body([], status: "302 Found", headers: "Location: /again\r\n"),
            outcome: .connectionFailed, message: "stopped after 10 redirects"),
        HostileReply(
            name: "redirect to nowhere", reply: .body([], status: "302 Found", headers: "Location: gopher://x/\r\n"),
            outcome: .httpStatus(302), message: "without a usable Location"),
        HostileReply(
            name: "redirect to TLS that is none",
            reply: .body([], status: "302 Found", headers: "Location: https://127.0.0.1:1/\r\n"),
            outcome: .connectionFailed, message: "connection refused"),
    ]

    /// Wrong as expositions.
    static let bodies: [HostileReply] = [
        HostileReply(
            name: "ten million series",
            reply: raw(chunked, endlessly: chunk((0..<4_000).map { "m{s=\"\($0)\"} 1\n" }.joined())),
            outcome: .limitExceeded, message: tooLarge),
        HostileReply(
            name: "more series than the job takes", reply: .text((0..<300).map { "m{s=\"\($0)\"} 1\n" }.joined()),
            outcome: .limitExceeded, message: "sample limit exceeded"),
        HostileReply(
            name: "a label of 1 MB", reply: .text(longLine), outcome: .limitExceeded,
            message: "label_value_length_limit exceeded (metric: a, label name: b", bodyLimit: 4 << 20),
        HostileReply(
            name: "a line of a hundred thousand labels",
            reply: .text("a{" + (0..<100_000).reversed().map { "l\($0)=\"\"" }.joined(separator: ",") + "} 1\n"),
            outcome: .malformedBody, message: "more than 1024 labels", bodyLimit: 4 << 20),
        HostileReply(
            name: "invalid UTF-8", reply: .body(Array("a{b=\"".utf8) + [0xff, 0xfe] + Array("\"} 1\n".utf8)),
            outcome: .malformedBody, message: "a quoted text is not valid UTF-8"),
        HostileReply(
            name: "nothing but bytes", reply: .body((0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }),
            outcome: .malformedBody, message: "the body is no exposition"),
        HostileReply(
            name: "a body in another encoding", reply: .body([0x1b, 0x03], headers: "Content-Encoding: br\r\n"),
            outcome: .malformedBody, message: "unsupported Content-Encoding"),
        HostileReply(
            name: "gzip that is none", reply: .body(Array("a 1\n".utf8), headers: "Content-Encoding: gzip\r\n"),
            outcome: .malformedBody, message: "gzip"),
        HostileReply(
            name: "an absurd Content-Type",
            reply: .body(Array("a 1\n".utf8), type: String(repeating: "x", count: 50_000)), outcome: .malformedBody,
            message: "received unsupported Content-Type"),
        HostileReply(
            name: "an absurd status", reply: .body([], status: "599 " + String(repeating: "no ", count: 10_000)),
            outcome: .httpStatus(599), message: "server returned HTTP status 599"),
    ]
}
