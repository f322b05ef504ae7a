import Documents
import Model
import PromQL
import Testing

@testable import PrometheusAPI

/// Answers of Prometheus-compatible servers as values, and values as such answers.
@Suite("Wire JSON of the Prometheus API") struct ResultDecoderTests {
    private static func reply(_ text: String, status: Int = 200) throws -> ResultDecoder.Reply {
        try ResultDecoder.reply(
            PrometheusClient.Answer(status: status, body: Array(text.utf8), document: try JSONReader.parse(text)))
    }

    private static func success(_ type: String, _ result: String) -> String {
        #"{"status":"success","data":{"resultType":"\#(type)","result":\#(result)},"warnings":["w"],"infos":["i"]}"#
    }

    @Test("every result type is read") func types() throws {
        guard
            case .vector(let elements) = try Self.reply(
                Self.success("vector", #"[{"metric":{"a":"b"},"value":[1.5,"+Inf"]}]"#)
            ).value
        else { throw Mismatch() }
        #expect(elements.map(\.labels) == [["a": "b"]] && elements.map(\.time) == [1500])
        guard case .float(.infinity) = elements[0].value else { throw Mismatch() }
        guard
            case .matrix(let series) = try Self.reply(
                Self.success("matrix", #"[{"metric":{},"values":[[1,"1"],[2,"NaN"]]}]"#)
            ).value
        else { throw Mismatch() }
        #expect(series[0].times == [1000, 2000] && series[0].values[0] == 1 && series[0].values[1].isNaN)
        guard case .scalar(let time, let number) = try Self.reply(Self.success("scalar", #"[3,"-Inf"]"#)).value else {
            throw Mismatch()
        }
        #expect(time == 3000 && number == -.infinity)
        guard case .string(_, let text) = try Self.reply(Self.success("string", #"[3,"x"]"#)).value else {
            throw Mismatch()
        }
        #expect(text == "x")
    }

    @Test("warnings and infos come with the value") func annotations() throws {
        let reply = try Self.reply(Self.success("vector", "[]"))
        #expect(reply.annotations.warnings == ["w"] && reply.annotations.infos == ["i"])
    }

    @Test(
        "what is no answer to a query is said",
        arguments: [
            (#"{"status":"error","error":"bad query"}"#, 400, "bad query"),
            (#"{"status":"error","error":"busy"}"#, 503, "the server can't answer now: busy"),
            ("{}", 200, "not that of a query"), (success("cube", "[]"), 200, "unknown result type"),
            (success("scalar", "[1]"), 200, "is not [time, value]"),
        ])
    func refusals(text: String, status: Int, wanted: String) throws {
        let error = #expect(throws: ClientError.self) { try Self.reply(text, status: status) }
        #expect(error?.description.contains(wanted) == true, "\(String(describing: error))")
    }

    /// Another type of result than the text has.
    private struct Mismatch: Error {}
}

/// The remote engine of a MetricTemplate.
@Suite("Remote engines") struct RemoteEngineTests {
    @Test(
        "forms are percent-encoded as RFC 3986 wants it",
        arguments: [("a b", "a%20b"), ("x{y=\"z\"}", "x%7By%3D%22z%22%7D"), ("-._~", "-._~"), ("ä", "%C3%A4")])
    func encoding(text: String, encoded: String) { #expect(PrometheusClient.encoded(text) == encoded) }

    @Test("a server's URL must be one") func addresses() {
        for address in ["prometheus:9090", "ftp://x", "http://x:99999", "http://u:s3cr3t@x:y"] {
            let error = #expect(throws: ClientError.self) { try PrometheusClient(address) }
            #expect(error?.description.contains("--server") == true)
            #expect(error?.description.contains("s3cr3t") == false)
        }
    }
}
