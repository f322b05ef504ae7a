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

    private static let whole = #"{"apiVersion":"flagger.app/v1beta1","kind":"Canary","# + canary.dropFirst()
    private static let wholeTemplate =
        #"{"apiVersion":"flagger.app/v1beta1","kind":"MetricTemplate","# + template.dropFirst()
    private static let yaml = """
        apiVersion: flagger.app/v1beta1
        kind: MetricTemplate
        metadata: {name: t, namespace: n}
        spec: {provider: {type: prometheus, address: x}, query: up}
        ---
        apiVersion: flagger.app/v1beta1
        kind: Canary
        metadata: {name: a, namespace: n}
        spec:
          targetRef: {apiVersion: apps/v1, kind: Deployment, name: a}
          analysis: {metrics: [{name: x, templateRef: {name: t}}]}

        """

    static let bodies: [(name: String, body: [UInt8])] = [
        ("the request", Array(#"{"canary":\#(canary),"templates":[\#(template)]}"#.utf8)),
        ("a list", Array(#"{"apiVersion":"v1","kind":"List","items":[\#(whole),\#(wholeTemplate)]}"#.utf8)),
        (
            "a typed list and an object",
            Array(
                #"{"apiVersion":"v1","kind":"CanaryList","items":[\#(whole)]}\#(wholeTemplate)"#.utf8)
        ),
        ("a stream", Array("\(whole)\n\(wholeTemplate)\n".utf8)), ("YAML", Array(yaml.utf8)),
        ("YAML with a mark", [0xef, 0xbb, 0xbf] + Array(yaml.utf8)),
        ("UTF-16", [0xff, 0xfe] + yaml.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }),
        ("a request in YAML", Array("canary: \(canary)\ntemplates: [\(template)]\n".utf8)),
    ]

    @Test("a body is read as what it is, whatever it is called", arguments: bodies.indices, [true, false])
    func forms(index: Int, isYAML: Bool) throws {
        let (name, body) = Self.bodies[index]
        let request = try EvaluationRequest(body, isYAML: isYAML)
        #expect(!request.objects.hasErrors, "\(name): \(request.objects.findings)")
        #expect(try request.canary().reference.description == "a.n", "\(name)")
        #expect(request.objects.templates.count == 1, "\(name)")
    }

    @Test(
        "a body that can't be read is named",
        arguments: [
            ("", false, "the body is empty"), ("\n \n", false, "the body is empty"),
            ("kind: {{ .Values.kind }}\n", false, "unrendered Helm template"),
            ("a:\n\tb: 1\n", true, "a tab indents this line"),
            ("{\"canary\": }", false, "1:12: wanted a value"),
            ("time=now&x", false, "wanted a mapping, found the text"),
        ])
    func unreadable(text: String, isYAML: Bool, wanted: String) {
        let error = #expect(throws: YAMLError.self) { try EvaluationRequest(Array(text.utf8), isYAML: isYAML) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(wanted), "\(String(describing: error))")
    }
}
