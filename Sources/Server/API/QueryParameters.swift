package import Model

/// Parameters of a request: those of the URL query first, then those of a form body. A name may occur many times.
package struct QueryParameters: Sendable {
    /// Most parameters of one request.
    package static let countMax = 10_000

    private var pairs: [(name: String, value: String)] = []

    /// None.
    package init() {}

    /// From readable pairs, for callers inside the process and tests.
    package init(_ pairs: [(name: String, value: String)]) { self.pairs = pairs }

    /// Adds the pairs of an `application/x-www-form-urlencoded` text: `+` is a space, `%xx` a byte.
    package mutating func append(encoded text: ArraySlice<UInt8>) throws(APIError) {
        for part in text.split(separator: UInt8(ascii: "&")) {
            guard pairs.count < Self.countMax else {
                throw .badData("more than \(Self.countMax) parameters in one request")
            }
            let mark = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            guard let name = Self.decoded(part[..<mark]), let value = Self.decoded(part[mark...].dropFirst()) else {
                throw .badData(
                    "the parameters are not form-encoded: \(GoQuote.quoted(String(decoding: part, as: UTF8.self)))")
            }
            pairs.append((name, value))
        }
    }

    /// Decodes `%xx`, and `+` in forms and queries; `nil` where a `%` is not followed by two hex digits or the bytes are no UTF-8.
    package static func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = true) -> String? {
        let isPlain = bytes.allSatisfy { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "%") }
        if isPlain { return String(validating: bytes, as: UTF8.self) }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+") where plusIsSpace: out.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else {
                    return nil
                }
                out.append(high << 4 | low)
            default: out.append(byte)
            }
        }
        return String(validating: out, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// The last value of a name (a form body wins over the URL), `nil` when absent or empty.
    package subscript(name: String) -> String? {
        pairs.last { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    /// Every value of a name.
    package func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    /// The value of a name that must be there.
    package func required(_ name: String) throws(APIError) -> String {
        guard let value = self[name] else { throw .badParameter(name, "it is missing") }
        return value
    }

    /// A point in time, `fallback` when absent.
    package func time(_ name: String, or fallback: Timestamp) throws(APIError) -> Timestamp {
        guard let text = self[name] else { return fallback }
        guard let time = APITime.time(text) else {
            throw .badParameter(name, "cannot parse \(GoQuote.quoted(text)) to a valid timestamp")
        }
        return time
    }

    /// A point in time that must be there.
    package func time(_ name: String) throws(APIError) -> Timestamp {
        _ = try required(name)
        return try time(name, or: 0)
    }

    /// A duration in milliseconds, `nil` when absent.
    package func duration(_ name: String) throws(APIError) -> Milliseconds? {
        guard let text = self[name] else { return nil }
        do { return try APITime.duration(text) } catch { throw .badParameter(name, error.reason) }
    }

    /// A non-negative count, 0 for "no limit".
    package func limit(_ name: String = "limit") throws(APIError) -> Int {
        guard let text = self[name] else { return 0 }
        guard let value = Int(text) else {
            throw .badParameter(name, "cannot parse \(GoQuote.quoted(text)) to a valid integer")
        }
        guard value >= 0 else { throw .badParameter(name, "limit must be non-negative") }
        return value
    }
}

/// Times and durations as the HTTP API and the command line take them.
package enum APITime {
    /// A duration text that is none.
    package struct Failure: Error {
        /// Why, in words.
        package let reason: String
    }

    private static let earliest = "-292273086-05-16T16:47:06Z"
    private static let latest = "292277025-08-18T07:12:54.999999999Z"

    /// Unix seconds with fraction, or RFC 3339, from `Timestamp.earliest` through `latest`. The extreme texts that Go
    /// clients send are these two.
    package static func time(_ text: String) -> Timestamp? {
        if text == earliest { return .earliest }
        if text == latest { return .latest }
        if let seconds = Double(text) {
            guard seconds.isFinite, seconds.magnitude < 9e15 else { return nil }
            return Timestamp((seconds * 1000).rounded())
        }
        return RFC3339.parse(text)
    }

    /// Float seconds, or a Prometheus duration such as `1m30s`.
    package static func duration(_ text: String) throws(Failure) -> Milliseconds {
        if let seconds = Double(text) {
            guard seconds.isFinite, seconds.magnitude < 9.2e9 else {
                throw Failure(reason: "cannot parse \(GoQuote.quoted(text)) to a valid duration. It overflows int64")
            }
            return Milliseconds((seconds * 1000).rounded())
        }
        do { return try PrometheusDuration.parse(text) } catch {
            throw Failure(reason: "cannot parse \(GoQuote.quoted(text)) to a valid duration")
        }
    }
}
