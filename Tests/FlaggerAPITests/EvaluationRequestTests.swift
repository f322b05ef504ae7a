import Documents
import FlaggerAPI
import TestSupport
import Testing

@Suite("Requests to evaluate")
struct EvaluationRequestTests {
    private static let canary =
        #"{"metadata":{"name":"a","namespace":"n"},"spec":{"targetRef":{"apiVersion":"apps/v1","#
        + #""kind":"Deployment","name":"a"},"analysis":{"metrics":[{"name":"x","templateRef":{"name":"t"}}]}}}"#
    private static let template =
        #"{"metadata":{"name":"t","namespace":"n"},"spec":{"provider":{"type":"prometheus","#
        + #""address":"x"},"query":"up"}}"#

    private func request(_ text: String) throws -> EvaluationRequest { try EvaluationRequest(json: Array(text.utf8)) }

    @Test("canary, templates and time are read; kinds and a rollout's needs may be left out")
    func complete() throws {
        let request = try request(
            #"{"canary":\#(Self.canary),"templates":[\#(Self.template)],"time":"2026-01-26T10:00:00Z"}"#)
        #expect(!request.objects.hasErrors)
        #expect(try request.canary().reference.name == "a")
        #expect(request.objects.templates.count == 1)
        #expect(request.time == 1_769_421_600_000)
        #expect(try self.request(#"{"canary":\#(Self.canary),"time":1769421600.25}"#).time == 1_769_421_600_250)
        #expect(try self.request(#"{"canary":\#(Self.canary)}"#).time == nil)
        let stepped = try self.request(#"{"canary":\#(Self.canary),"stepStart":"2026-01-26T09:59:30Z"}"#)
        #expect(stepped.stepStart == 1_769_421_570_000 && request.stepStart == nil)
    }

    @Test(
        "what is no request is refused",
        arguments: [
            ("{}", "1:1: the key \"canary\" is missing"), ("[]", "1:1: wanted a mapping, found a list"),
            (#"{"canary":{},"tim":1}"#, "1:14: unknown key \"tim\"; did you mean \"time\"?"),
            (#"{"canary":{},"time":"now"}"#, "1:21: time: wanted an RFC 3339 time or seconds, found the text \"now\""),
            (#"{"canary":{},"time":1e300}"#, "1:21: time: wanted an RFC 3339 time or seconds, found the number 1e300"),
            (
                #"{"canary":{},"stepStart":[]}"#,
                "1:26: stepStart: wanted an RFC 3339 time or seconds, found a list"
            ),
            ("{", "1:2: wanted a key in double quotes, found the end"),
        ])
    func refused(text: String, message: String) {
        do {
            _ = try request(text)
            Issue.record("no error")
        } catch {
            #expect("\(error)" == message)
        }
    }

    @Test("YAML bodies hold the objects themselves")
    func yaml() throws {
        let request = EvaluationRequest(yaml: try SharedFiles.example("003-success-rate-canary.yaml"))
        #expect(try request.canary().reference.namespace == "test")
        #expect(throws: YAMLError.self) { try EvaluationRequest(yaml: "").canary() }
    }
}
